import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findLinks, openable, openLink } from './links.ts'

const refused = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  ' javascript:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:msgbox(1)',
  'file:///etc/passwd',
  'file://server/share',
  'blob:https://example.org/1',
  'ftp://example.org/a',
  'ws://example.org',
  'parley://i#abc',
  'ms-msdt:/id PCWDiagnostic',
  'smb://server/share',
  'ssh://-oProxyCommand=calc@x',
  'view-source:https://example.org',
  '//example.org',
  '/etc/passwd',
  'https:example.org',
  'https:///example.org',
  'https:\\\\example.org',
  'https://example.org\\@evil.example',
  'https://paypal.com@evil.example/',
  'https://user:pw@evil.example/',
  'https://',
  'https://exa mple.org',
  ' https://example.org',
  'https://example.org/\u202Egpj.exe',
  'https://example.org/\u200Bhidden',
  'https://example.org/\u0000',
  `https://example.org/${'a'.repeat(2_048)}`,
  'mailto:',
  'mailto://ben@example.org',
  'mailto:ben@example.org,eve@example.org',
  'mailto:ben%0d%0abcc:eve@example.org',
]
for (const url of refused) {
  test(`not opened: ${JSON.stringify(url.slice(0, 60))}`, () => {
    assert.equal(openable(url), undefined)
    assert.equal(openLink(url, () => assert.fail('opened')), false)
  })
}

const opened: readonly (readonly [url: string, host: string, href: string])[] = [
  ['https://example.org', 'example.org', 'https://example.org/'],
  ['HTTPS://EXAMPLE.ORG/A', 'example.org', 'https://example.org/A'],
  ['http://example.org:8080/a?b#c', 'example.org:8080', 'http://example.org:8080/a?b#c'],
  ['https://аpple.com/', 'xn--pple-43d.com', 'https://xn--pple-43d.com/'],
  ['https://пример.рф/a', 'xn--e1afmkfd.xn--p1ai', 'https://xn--e1afmkfd.xn--p1ai/a'],
  ['https://example。org', 'example.org', 'https://example.org/'],
  ['http://0x7f.1/', '127.0.0.1', 'http://127.0.0.1/'],
  ['http://2130706433/', '127.0.0.1', 'http://127.0.0.1/'],
  ['http://[::1]/', '[::1]', 'http://[::1]/'],
  ['mailto:ben@example.org', 'ben@example.org', 'mailto:ben@example.org'],
  ['mailto:ben@example.org?subject=a&attach=/etc/passwd', 'ben@example.org', 'mailto:ben@example.org'],
  ['mailto:ben@пример.рф', 'ben@xn--e1afmkfd.xn--p1ai', 'mailto:ben@xn--e1afmkfd.xn--p1ai'],
]
for (const [url, host, href] of opened) {
  test(`opened after the question, which names ${host}`, () => {
    assert.deepEqual(openable(url), { href, host })
    assert.ok(openLink(url, (to) => assert.equal(to, href)))
  })
}

const shown = (text: string) => findLinks(text).map((part) => (part.kind === 'link' ? `[${part.text}]` : part.text)).join('')
const found: readonly (readonly [text: string, shown: string])[] = [
  ['no link here', 'no link here'],
  ['see https://example.org.', 'see [https://example.org].'],
  ['(https://example.org/a)', '([https://example.org/a])'],
  ['https://example.org/a_(b)', '[https://example.org/a_(b)]'],
  ['https://a.example, https://b.example!', '[https://a.example], [https://b.example]!'],
  ['write mailto:ben@example.org now', 'write [mailto:ben@example.org] now'],
  ['javascript:alert(1) and data:x', 'javascript:alert(1) and data:x'],
  ['https://paypal.com@evil.example/', 'https://paypal.com@evil.example/'],
  ['xhttps://example.org', 'xhttps://example.org'],
  ['', ''],
]
for (const [text, expected] of found) test(`links in ${JSON.stringify(text)}`, () => assert.equal(shown(text), expected))
