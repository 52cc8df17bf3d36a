/** The parts of a message as content blocks of the Anthropic Messages API. */
import type Anthropic from '@anthropic-ai/sdk';

import type { ThinkingHistory } from './anthropic-thinking.ts';
import { leftOut, refusedImage } from './media.ts';
import type { AssistantMessage, InputPart, ToolMessage } from './model.ts';
import type { AdaptedTools } from './schema.ts';
import { anthropicCallId, sendableToolName } from './sendable-call.ts';
import { sendableArguments } from './tool-arguments.ts';

/** The API refuses text without a visible character. */
export function isBlank(text: string | undefined): boolean {
  return text === undefined || text.trim() === '';
}

export function inputBlock(part: InputPart): (Anthropic.TextBlockParam | Anthropic.ImageBlockParam)[] {
  if (part.type === 'text') return isBlank(part.text) ? [] : [{ type: 'text', text: part.text }];
  if (part.type === 'audio') return [{ type: 'text', text: leftOut(part, 'this provider takes no sound') }];
  const refused = refusedImage(part);
  if (refused !== undefined) return [{ type: 'text', text: refused }];
  const mediaType = part.mimeType as Anthropic.Base64ImageSource['media_type'];
  return [{ type: 'image', source: { type: 'base64', media_type: mediaType, data: part.base64 } }];
}

export function assistantBlocks(
  message: AssistantMessage,
  tools: AdaptedTools,
  thinking: ThinkingHistory,
): Anthropic.ContentBlockParam[] {
  return message.content.flatMap((part): Anthropic.ContentBlockParam[] => {
    switch (part.type) {
      case 'text':
        return isBlank(part.text) ? [] : [{ type: 'text', text: part.text }];
      case 'thinking': {
        const block = thinking.block(part);
        return block === undefined ? [] : [block as unknown as Anthropic.ContentBlockParam];
      }
      case 'tool-call': {
        const input = sendableArguments(part, tools.byName.get(part.name)?.sentNames);
        return [
          { type: 'tool_use', id: anthropicCallId(part.callId), name: sendableToolName(part.name), input },
        ];
      }
      default:
        return part satisfies never;
    }
  });
}

export function resultBlocks(message: ToolMessage): Anthropic.ContentBlockParam[] {
  return message.results.map((result): Anthropic.ToolResultBlockParam => {
    const content = result.content.flatMap(inputBlock);
    return {
      type: 'tool_result',
      tool_use_id: anthropicCallId(result.callId),
      ...(content.length > 0 ? { content } : {}),
      ...(result.isError ? { is_error: true } : {}),
    };
  });
}
