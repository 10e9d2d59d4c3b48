import type { Banner } from '../protocol/app/views.ts'
import { useShown } from './store/parley.ts'
import { Alarm } from './ui/Notice.tsx'
import { sentence, t } from './words/index.ts'

/** What concerns all windows, across the top. */
export function Banners() {
  const banners = useShown((state) => state.banners)
  return banners.map((banner) => <Alarm key={banner.kind} calm={banner.kind === 'clock' || banner.kind === 'disk-full'}>{words(banner)}</Alarm>)
}

function words(banner: Banner): string {
  switch (banner.kind) {
    case 'disk-full': return sentence('disk-full')
    case 'clock': return t('banner.clock', { minutes: banner.minutes })
    case 'self-audit': return sentence('self-audit')
    case 'bad-proof': return t('banner.badProof')
  }
}
