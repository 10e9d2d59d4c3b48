import type { ErrorCode } from '../../protocol/errors.ts'

/**
 * [B2] What is never shared, with all that is in it. `~/` is any home folder, `/` the root or any drive, everything else may lie anywhere.
 * `*` is one part of a path, or the rest of one. The first line that fits names the reason: the particular stands before the general.
 */
export interface Place { on: 'all' | 'unix' | 'linux' | 'darwin' | 'win32'; code: ErrorCode; at: string[] }

export const PRIVATE: readonly Place[] = [
  {
    on: 'all', code: 'share-root-secrets',
    // What projects keep under these names too counts in a home only.
    at: ['.ssh', '.gnupg', '.password-store', '.1password', ...['.aws', '.azure', '.kube', '.docker', '.pki'].map((name) => `~/${name}`), ...['gcloud', 'op', 'keepassxc', 'Bitwarden'].map((name) => `.config/${name}`)],
  },
  { on: 'linux', code: 'share-root-secrets', at: ['.local/share/keyrings', '.local/share/kwalletd', '.gnome2/keyrings', '.kde/share/apps/kwallet'] },
  { on: 'darwin', code: 'share-root-secrets', at: ['Library/Keychains', '~/Library/Application Support/1Password*', '~/Library/Application Support/Bitwarden'] },
  {
    on: 'win32', code: 'share-root-secrets',
    at: [
      ...['Credentials', 'Crypto', 'Protect', 'SystemCertificates', 'Vault'].map((name) => `AppData/Roaming/Microsoft/${name}`),
      'AppData/Local/Microsoft/Credentials', 'AppData/Local/Microsoft/Vault', 'AppData/Roaming/gnupg', 'AppData/Local/1Password', 'AppData/Roaming/Bitwarden',
    ],
  },

  { on: 'unix', code: 'share-root-browser', at: ['.mozilla', '.librewolf', '.waterfox'] },
  {
    on: 'linux', code: 'share-root-browser',
    at: [
      ...['google-chrome*', 'chromium', 'BraveSoftware', 'microsoft-edge*', 'opera*', 'vivaldi*'].flatMap((name) => [`.config/${name}`, `.cache/${name}`]),
      '.cache/mozilla', '~/snap/firefox', '~/snap/chromium', '~/snap/brave', '~/snap/opera*',
      ...['org.mozilla.firefox', 'com.google.Chrome*', 'org.chromium.*', 'com.brave.*', 'com.microsoft.Edge*', 'com.opera.*', 'com.vivaldi.*'].map((name) => `.var/app/${name}`),
    ],
  },
  {
    on: 'darwin', code: 'share-root-browser',
    at: [
      ...['Google/Chrome*', 'Chromium', 'Firefox', 'Microsoft Edge*', 'BraveSoftware', 'com.operasoftware.*', 'Vivaldi*'].map((name) => `~/Library/Application Support/${name}`),
      '~/Library/Safari', '~/Library/Cookies', '~/Library/Containers/com.apple.Safari*',
    ],
  },
  {
    on: 'win32', code: 'share-root-browser',
    at: [
      ...['Google/Chrome*', 'Chromium', 'Microsoft/Edge*', 'BraveSoftware', 'Vivaldi', 'Mozilla', 'Opera Software'].map((name) => `AppData/Local/${name}`),
      'AppData/Roaming/Mozilla', 'AppData/Roaming/Opera Software',
    ],
  },

  { on: 'unix', code: 'share-root-mail', at: ['.thunderbird', '.icedove', '~/Maildir', '~/Mail', '~/mail'] },
  { on: 'linux', code: 'share-root-mail', at: ['.config/evolution', '.local/share/evolution', '.cache/evolution', '.var/app/org.gnome.Evolution', '.var/app/org.mozilla.Thunderbird', '~/snap/thunderbird', '/var/mail', '/var/spool/mail'] },
  { on: 'darwin', code: 'share-root-mail', at: ['~/Library/Mail', '~/Library/Thunderbird', '~/Library/Containers/com.apple.mail*', '~/Library/Group Containers/UBF8T346G9.Office'] },
  { on: 'win32', code: 'share-root-mail', at: ['AppData/Roaming/Thunderbird', 'AppData/Local/Thunderbird', 'AppData/Local/Microsoft/Outlook', 'AppData/Local/Packages/microsoft.windowscommunicationsapps*', 'Outlook Files'] },

  { on: 'linux', code: 'share-root-system', at: ['~/snap', ...['user', 'lock', 'systemd', 'udev', 'shm', 'secrets'].map((name) => `/run/${name}`)] },
  { on: 'unix', code: 'share-root-system', at: ['bin', 'boot', 'dev', 'etc', 'lib', 'lib32', 'lib64', 'libx32', 'lost+found', 'nix', 'opt', 'proc', 'root', 'sbin', 'snap', 'sys', 'usr', 'var'].map((name) => `/${name}`) },
  { on: 'darwin', code: 'share-root-system', at: ['~/Library', '/Applications', '/Library', '/Network', '/System', '/cores', '/private'] },
  {
    on: 'win32', code: 'share-root-system',
    at: ['AppData', '~/Application Data', '~/Local Settings', '/Windows', '/Windows.old', '/Program Files*', '/ProgramData', '/PerfLogs', '/Recovery', '/Documents and Settings', '/$*', '/System Volume Information'],
  },
  // What begins with a dot is hidden: programs keep their data there.
  { on: 'all', code: 'share-root-system', at: ['.*'] },
]

/** Refused themselves, not what is in them: where disks and what is passing are. */
export const THEMSELVES: readonly Place[] = [
  { on: 'linux', code: 'share-root-disk', at: ['/media', '/media/*', '/media/*/*', '/mnt', '/mnt/*', '/run/media', '/run/media/*', '/run/media/*/*'] },
  { on: 'darwin', code: 'share-root-disk', at: ['/Volumes', '/Volumes/*'] },
  { on: 'unix', code: 'share-root-system', at: ['/srv', '/tmp', '/run'] },
]

/** Homes of others too: themselves refused, and private in the same places. */
export const HOMES: readonly Place[] = [
  { on: 'linux', code: 'share-root-home', at: ['/home/*', '/root'] },
  { on: 'darwin', code: 'share-root-home', at: ['/Users/*'] },
  { on: 'win32', code: 'share-root-home', at: ['/Users/*'] },
]
