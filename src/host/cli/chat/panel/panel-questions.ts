import type { TUI } from '@earendil-works/pi-tui';

import type { JsonObject } from '../../../../json.ts';
import type { InputRequest } from '../../../../registry/contract.ts';
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
    elicit({ params, server, signal }: InputRequest): Promise<JsonObject> {
      const panel =
        params['mode'] === 'url' ? new UrlPanel(theme, server, params) : new FormPanel(theme, server, params);
      return queue.ask(panel, signal);
    },
  };
}
