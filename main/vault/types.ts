import type { FileType } from '../../protocol/app/views.ts'

/**
 * What a file is, by the name under which it is saved and never by what its sender claims. Only what stands among HARMLESS may be
 * opened from Parley; what no list knows may not. Sources: Microsoft, "Blocked attachments in Outlook"; Apple, "Launch Services keys";
 * freedesktop.org shared MIME-info; the macro formats of Microsoft's "Open XML file name extensions".
 */

export type HarmlessType = Extract<FileType, 'image' | 'video' | 'audio' | 'pdf' | 'text' | 'document' | 'sheet' | 'slides' | 'book' | 'zip' | 'archive' | 'font' | 'calendar' | 'contact'>
export type RiskyType = Exclude<FileType, HarmlessType | 'folder'>

/** Opened by a program that shows them. Formats that can hold macros, scripts or links that open by themselves stand below. */
export const HARMLESS: Record<HarmlessType, string> = {
  image: 'png apng jpg jpeg jpe jfif gif webp bmp tif tiff heic heif avif jxl ico psd xcf cr2 cr3 nef arw dng orf rw2 raf',
  video: 'mp4 m4v mov avi mkv webm wmv mpg mpeg ogv 3gp 3g2 flv mts m2ts vob',
  audio: 'mp3 m4a m4b aac ogg oga opus flac wav wma aif aiff mid midi amr caf mka weba',
  pdf: 'pdf',
  text: 'txt text md markdown log json yaml yml srt vtt lrc diff patch',
  document: 'docx dotx odt ott pages',
  sheet: 'xlsx xltx ods ots csv tsv numbers',
  slides: 'pptx potx ppsx odp otp key',
  book: 'epub mobi azw azw3 fb2 djvu cbz cbr',
  zip: 'zip',
  archive: '7z rar tar gz tgz bz2 tbz tbz2 xz txz zst tzst lz lzma',
  font: 'ttf otf ttc woff woff2',
  calendar: 'ics ical ifb vcs',
  contact: 'vcf vcard',
}

/** Can run programs, or make a program do so. The words tell people which kind; what is missing here is 'unknown' and no less risky. */
export const RISKY: Record<Exclude<RiskyType, 'unknown'>, string> = {
  'windows-program': 'exe com scr pif cpl msc gadget efi sys drv xbap application diagcab diagpkg diagcfg msstyles a3x air xap',
  'mac-program': 'app prefpane saver kext plugin bundle osax qlgenerator mdimporter action workflow wflow xpc component wdgt',
  'linux-program': 'appimage run bin elf out ko x86 x86_64 amd64 arm64 aarch64',
  'phone-app': 'apk apks apkm xapk aab ipa hap',
  installer: 'msi msp mst msu msix msixbundle appx appxbundle appinstaller cab deb udeb rpm drpm snap flatpak flatpakref flatpakrepo pkg mpkg xip osd vsix xpi crx oxt nupkg whl egg gem conda ipk opk pisi pup eopkg mcpack mcaddon widget',
  library: 'dll ocx so dylib framework a o lib obj wll bgi tlb class pyd node wasm dex jmod',
  script:
    'bat cmd btm ps1 ps1xml ps2 ps2xml psm1 psd1 psdm1 psc1 psc2 cdxml pssc msh msh1 msh2 mshxml msh1xml msh2xml ' +
    'vb vbs vbe vbp vbscript vba bas js jse mjs cjs jsx ts tsx jscript ws wsc wsf wsh sct shs shb htc hta ' +
    'sh bash zsh fish csh tcsh ksh ash nu elv xsh command exp tcl tk ' +
    'py pyc pyo pyw pyz pyzw pyi pyx ipynb rb rbw erb pl pm cgi php php3 php4 php5 php7 php8 phps phtml phar asp aspx jsp jspx cfm ' +
    'lua luac awk sed r rmd jl mlx go rs c cc cpp cxx h hpp java kt kts scala groovy gradle clj cljs ex exs erl hs ml lisp lsp el elc scm rkt dart swift cs csx fs fsx asm ' +
    'jar war ear jnlp scpt scptd applescript jxa shortcut ahk ahkl au3 pcd prg fxp plg vsmacros mac ops ' +
    'sql vim vimrc emacs mk mak make makefile cmake ninja proj csproj vbproj vcxproj fsproj targets props sln pwsh qml gml spec ebuild pkgbuild dockerfile',
  shortcut:
    'lnk url website desktop kdelnk webloc fileloc inetloc afploc ftploc mailloc newsloc vncloc appref-ms xnk mad maf mag mam maq mar mas mau mav maw grp ' +
    'rdp rdg vnc ica nx remmina gdoc gsheet gslides gdraw gform glink asx wax wvx wmx m3u m3u8 pls xspf torrent magnet metalink',
  'macro-document': 'doc dot docm dotm wbk pub hwp hwt wps wri sxw stw fodt',
  'macro-sheet': 'xls xlt xla xlw xlc xlm xll xld xlk xlb xlsm xlsb xltm xlam slk dif iqy dqy oqy rqy sxc stc fods',
  'macro-slides': 'ppt pps pot ppa pptm ppsm ppam potm sldm sxi sti fodp',
  'active-document':
    'rtf one onepkg onetoc onetoc2 chm chw hlp hpj cnt its mdb mda mde mdt mdw mdz mdn accdb accde accdr accda accdt accdu accdc adn adp ade laccdb mcf pst ost ' +
    'vsd vss vst vsw vdx vsdm vssm vstm mpp mpt mpd odb odc swf fla spl dcr dir ps eps epsf ai xps oxps eml msg oft emlx mbox nfo wmf emf blend dwg dxf xdp xfdf fdf xfd tex',
  'web-page': 'html htm xhtml xht shtml stm hxt mht mhtml svg svgz xml xsl xslt xul rss atom webarchive wbn webbundle maff vml mml dhtml dochtml dothtml xlshtml xlthtml ppthtml docmhtml webmanifest',
  'disk-image': 'iso img ima vhd vhdx avhd avhdx vmdk vdi qcow qcow2 dmg smi sparseimage sparsebundle mdf mds ccd udf daa wim swm esd ova ovf vmx vbox squashfs sfs',
  'settings-file':
    'reg inf ini cfg conf scf settingcontent-ms library-ms search-ms searchconnector-ms appcontent-ms theme themepack deskthemepack ins isp prf pol admx sdb job ' +
    'cer crt der p7b p7c p7r spc pfx p12 pem crl stl sst cat webpnp printerexport contact group wab udl dsn ovpn pcf mobileconfig mobileprovision provisionprofile configprofile terminal plist strings ' +
    'service socket timer mount automount code-workspace wcx devicemetadata-ms wsb xrm-ms',
}

const byEnding = new Map<string, FileType>([...Object.entries(RISKY), ...Object.entries(HARMLESS)].flatMap(([type, endings]) => endings.split(' ').map((ending) => [ending, type as FileType])))

/** `isRisky`: it is only saved, never opened. */
export function judgeType(savedName: string): { type: FileType; isRisky: boolean } {
  // Dots and letters of double width, and what is invisible: a program that folds them must meet no surprise.
  const folded = typeOf(savedName.normalize('NFKC').replace(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, ''))
  const type = isHarmless(folded) ? typeOf(savedName) : folded
  return { type, isRisky: !isHarmless(type) }
}

function typeOf(name: string): FileType {
  let end = name.length
  while (end > 0 && (name[end - 1] === '.' || name[end - 1]!.trim() === '')) end--
  const at = name.lastIndexOf('.', end - 1)
  return (at < 0 ? undefined : byEnding.get(name.slice(at + 1, end).trim().toLowerCase())) ?? 'unknown'
}

const isHarmless = (type: FileType): type is HarmlessType => Object.hasOwn(HARMLESS, type)
