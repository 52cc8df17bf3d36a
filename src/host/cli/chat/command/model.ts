import type { ChatCommand, CommandContext } from './command.ts';

export const model: ChatCommand = {
  name: 'model',
  argument: '[alias or provider/name]',
  description: 'show the models, or answer with another one from here on',
  complete: aliases,
  async run(wanted, chat) {
    const models = await chat.opened.host.models();
    const name = wanted === '' ? await ask(chat) : wanted;
    if (name === undefined) return;
    // Throws what is wrong with the name, and which ones there are.
    const found = models.get(name);
    if (!found) {
      chat.say(models.choice, 'yellow');
      return;
    }
    chat.conversation.model = name;
    chat.say(`Answers come from ${found.id} from here on.`, 'dim');
  },
};

async function ask(chat: CommandContext): Promise<string | undefined> {
  const { host } = chat.opened;
  const { choice } = await host.models();
  const choices = aliases(chat).map((name) => ({
    value: name,
    label: name === chat.conversation.model ? `${name} (in use)` : name,
    description: host.config.models[name]?.map((candidate) => candidate.model).join(', then ') ?? choice,
  }));
  return chat.choose('Which model answers?', choices);
}

function aliases({ opened }: CommandContext): readonly string[] {
  return [...new Set(['default', ...Object.keys(opened.host.config.models)])];
}
