// Where single sign-on ends in a second window: the first one has gone on by then.
import { IconCircleCheck } from '../../parts/icon.ts';
import { Message } from '../../parts/page/message.tsx';
import { PageFrame } from '../../parts/page/page-frame.tsx';
import { sessionText } from '../../text/session.ts';

export default function SignedInPage() {
  return (
    <PageFrame title={sessionText.signedInTitle}>
      <Message icon={IconCircleCheck} title={sessionText.signedInGoOn} detail={sessionText.signedInDetail} />
    </PageFrame>
  );
}
