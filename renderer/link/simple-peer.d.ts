// The package's entry reaches for Node's `global`; its browser build is complete in itself.
declare module 'simple-peer/simplepeer.min.js' {
  import SimplePeer from 'simple-peer'
  export default SimplePeer
}
