/**
 * Why a server did not start, with a sentence for whoever starts it. `port-taken` is expected where several programs of one user
 * want to serve: the one that gets the port serves.
 */
export class StartRefusal extends Error {
  readonly code: 'port-taken' | 'bad-setting' | 'folder' | 'database' | 'key'
  constructor(code: StartRefusal['code'], sentence: string) {
    super(sentence)
    this.name = 'StartRefusal'
    this.code = code
  }
}
