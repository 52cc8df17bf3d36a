import type { TUI } from '@earendil-works/pi-tui';

import type { JsonObject } from '../../../../json.ts';
import type { PersonRequest } from '../../../person/attend.ts';
import type { ApprovalAnswer, ApprovalQuestion } from '../../../tool-call/policy.ts';
import type { Questions } from '../../questions.ts';
import type { Theme } from '../theme.ts';
import { ApprovalPanel } from './approval-panel.ts';
import { ConfirmPanel } from './confirm-panel.ts';
import { FormPanel } from './form-panel.ts';
import type { PanelQueue } from './panel-queue.ts';
import { UrlPanel } from './url-panel.ts';

/** Asks by panels of the chat. */
export function panelQuestions(theme: Theme, tui: TUI, queue: PanelQueue): Questions {
  return {
    ask(question: ApprovalQuestion): Promise<ApprovalAnswer> {
      const panel = new ApprovalPanel({ theme, tui, question, waiting: () => queue.waiting });
      return queue.ask(panel, question.signal);
    },
    confirm: (question, signal) => queue.ask(new ConfirmPanel(theme, question), signal),
    elicit({ params, server, workflow, signal }: PersonRequest): Promise<JsonObject> {
      const asking = workflow === undefined ? `The server ${server}` : `The workflow ${workflow}`;
      const panel =
        params['mode'] === 'url' ? new UrlPanel(theme, server, params) : new FormPanel(theme, asking, params);
      return queue.ask(panel, signal);
    },
  };
}
