import { DontKeep } from './chat/DontKeep.tsx'
import { Numbers } from './chat/Numbers.tsx'
import { OpenLink } from './chat/OpenLink.tsx'
import { Remove } from './chat/Remove.tsx'
import { Accept } from './invite/Accept.tsx'
import { AddByInvite } from './invite/AddByInvite.tsx'
import { UseServer } from './invite/UseServer.tsx'
import { Quit } from './Quit.tsx'
import { type Question, useShell } from './shell.ts'
import { ChangeShare } from './sharing/ChangeShare.tsx'
import { SharePath } from './sharing/SharePath.tsx'
import { ShareSheet } from './sharing/ShareSheet.tsx'
import { useParley, useShown } from './store/parley.ts'
import { Always } from './transfers/Always.tsx'
import { Release } from './transfers/Release.tsx'

/** The one question that stands over a window; a link from outside asks when nothing else does. */
export function Questions({ question }: { question: Question | undefined }) {
  const { ask, isPopOut } = useShell()
  const { client } = useParley()
  const offered = useShown((state) => state.offeredInvite)
  const close = () => ask(undefined)

  if (question === undefined) {
    if (offered === undefined || isPopOut) return null
    return <AddByInvite key={offered} link={offered} onClose={() => void client.call('dismissOfferedInvite', {})} />
  }
  switch (question.about) {
    case 'accept': return <Accept ik={question.ik} onClose={close} />
    case 'invite': return <AddByInvite link={question.link} onClose={close} />
    case 'numbers': return <Numbers ik={question.ik} onClose={close} />
    case 'remove': return <Remove ik={question.ik} onClose={close} />
    case 'keep-nothing': return <DontKeep ik={question.ik} onClose={close} />
    case 'link': return <OpenLink href={question.href} host={question.host} onClose={close} />
    case 'server': return <UseServer onClose={close} />
    case 'quit': return <Quit unread={question.unread} waiting={question.waiting} files={question.files} onClose={close} />
    case 'release': return <Release transfer={question.transfer} how={question.how} onClose={close} />
    case 'rule': return <Always ik={question.ik} onClose={close} />
    case 'share-path': return <SharePath onClose={close} />
    case 'share': return <ShareSheet pick={question.pick} onClose={close} />
    case 'change-share': return <ChangeShare id={question.id} what={question.what} onClose={close} />
  }
}
