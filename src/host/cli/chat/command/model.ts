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
  const { aliases: known, choice } = await chat.opened.host.models();
  const choices = Object.entries(known).map(([name, models]) => ({
    value: name,
    label: name === chat.conversation.model ? `${name} (in use)` : name,
    description: models.length === 0 ? choice : models.join(', then '),
  }));
  return chat.choose('Which model answers?', choices);
}

async function aliases({ opened }: CommandContext): Promise<readonly string[]> {
  return Object.keys((await opened.host.models()).aliases);
}
