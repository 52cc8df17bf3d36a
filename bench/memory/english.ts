/** Statements of everyday life and work, direct ones and such as come along in passing. */
import type { Template } from './template.ts';

export const ENGLISH: readonly Template[] = [
  {
    subjects: split(
      'dentist, landlord, boss, physiotherapist, tax adviser, piano teacher, hairdresser, mechanic, notary, lodger',
    ),
    values: split(
      'Ilka Brandvold, Bertrand, Dr. Osei, Mrs Quast, Tomasz, Renske, Yaw, Emrys, Halloran, Sunniva, Pellegrino, Okafor, Lindqvist',
    ),
    said: [
      'My {s} is called {v}.',
      'I met {v} for coffee this morning; that is my {s}, in case the name comes up again.',
      'By the way, {v} is the name of my {s}.',
    ],
    changed: ['I have a new {s}: it is {v} from today on.', '{o} is no longer my {s}, {v} took over.'],
    asked: ['Who is my {s}?', 'Remind me what the person is called who works as my {s}.'],
    unknown: ['florist', 'lawyer'],
  },
  {
    subjects: split('Marta, Devin, Aoife, Kofi, Lotte, Ravi, Sanne, Iker, Noor, Pavel'),
    values: split(
      'Bremen, Porto, Gdansk, Tartu, Lille, Bergen, Graz, Leeds, Aarhus, Cork, Trieste, Malmo, Ghent',
    ),
    said: [
      '{s} lives in {v} at the moment.',
      'We can stay with {s} when we are in {v}, the flat there is large enough.',
      '{s} has settled in {v}.',
    ],
    changed: ['{s} has moved to {v}.', '{s} left {o} and now lives in {v}.'],
    asked: ['In which city is {s} at home?', 'Where would I have to travel to visit {s}?'],
    unknown: ['Quentin', 'Ottilie'],
  },
  {
    subjects: split(
      'billing service, search index, mail relay, image proxy, metrics collector, login service, job queue, report builder, webhook receiver, tile server',
    ),
    values: split('4317, 9250, 2525, 8091, 8125, 7443, 5672, 6006, 3999, 8182, 4420, 9333, 7171'),
    said: [
      'The {s} listens on port {v}.',
      'Point your client at {v}, that is the port of the {s}.',
      'We put the {s} on port {v}.',
    ],
    changed: ['We moved the {s} to port {v}.', 'The {s} no longer answers on {o}; use {v}.'],
    asked: ['How do I connect to the {s}, on what number?', 'Which port does the {s} use?'],
    unknown: ['fax gateway', 'chess engine'],
  },
  {
    subjects: split(
      'tax return, grant report, tender, thesis draft, customs form, insurance claim, annual audit, garden permit, passport renewal, travel refund',
    ),
    values: split(
      '14 March, 2 June, 30 September, 11 November, 5 April, 22 July, 17 January, 8 August, 26 October, 19 May, 12 December, 3 February, 28 June',
    ),
    said: [
      'The {s} is due on {v}.',
      'They want the {s} by {v} at the latest.',
      'Please keep in mind: {s}, {v}, after that it is too late.',
    ],
    changed: ['The {s} was pushed to {v}.', 'They extended it: the {s} is now due on {v} instead of {o}.'],
    asked: ['Until when do I have time for the {s}?', 'What is the deadline of the {s}?'],
    unknown: ['dog licence', 'patent filing'],
  },
  {
    subjects: split('Jonas, Priya, Mateo, Greta, Hana, Olek, Femke, Tariq, Wanda, Bruno'),
    values: split(
      'peanuts, shellfish, lactose, gluten, strawberries, mustard, sesame, celery, soy, kiwi, lupin, almonds, eggs',
    ),
    said: [
      '{s} cannot eat {v}.',
      'Cook without {v} when {s} comes, otherwise it ends in hospital.',
      '{s} is allergic to {v}.',
    ],
    changed: [
      '{s} had another test: it is {v} that {s} has to avoid, not {o}.',
      'Correction, {s} is allergic to {v} and not to {o}.',
    ],
    asked: ['What must I leave out of the meal for {s}?', 'Which ingredient is dangerous for {s}?'],
    unknown: ['Ludmila', 'Casimir'],
  },
  {
    subjects: split(
      'checkout page, inventory app, booking portal, newsletter tool, warehouse scanner, support desk, analytics dashboard, driver app, partner portal, photo archive',
    ),
    values: split(
      'PostgreSQL, SQLite, Redis, MongoDB, ClickHouse, DuckDB, MariaDB, Cassandra, Neo4j, Elasticsearch, CouchDB, DynamoDB, Firebird',
    ),
    said: [
      'We use {v} behind the {s}.',
      'The data of the {s} goes into {v}.',
      'For the {s} we decided on {v}.',
    ],
    changed: ['We migrated the {s} from {o} to {v}.', 'The {s} runs on {v} now.'],
    asked: ['Where does the {s} keep its records?', 'Which database is behind the {s}?'],
    unknown: ['loyalty card', 'parking meter'],
  },
  {
    subjects: split(
      'stand-up, design review, budget round, book club, choir rehearsal, retrospective, hiring panel, support rota, safety briefing, pottery class',
    ),
    values: split(
      'Monday at 9:15, Tuesday at 14:00, Wednesday at 10:30, Thursday at 19:30, Friday at 18:45, Monday at 16:20, Tuesday at 8:40, Wednesday at 13:10, Thursday at 7:50, Friday at 11:25, Saturday at 9:05, Tuesday at 17:35, Wednesday at 15:55',
    ),
    said: [
      'The {s} is on {v}.',
      'Do not plan anything on {v}, the {s} is then.',
      'We agreed on {v} for the {s}.',
    ],
    changed: ['From next week the {s} takes place on {v}.', 'The {s} moved from {o} to {v}.'],
    asked: ['When does the {s} take place?', 'Which slot in my calendar belongs to the {s}?'],
    unknown: ['fencing lesson', 'blood donation'],
  },
  {
    subjects: split(
      'roof repair, kitchen, trip to Iceland, website relaunch, trade fair stand, delivery van, wedding present, new boiler, language course, studio rent',
    ),
    values: split(
      '3400 euros, 7850 euros, 2260 euros, 12900 euros, 5175 euros, 18300 euros, 180 euros, 6640 euros, 940 euros, 1120 euros, 4080 euros, 9730 euros, 310 euros',
    ),
    said: [
      'We have set aside {v} for the {s}.',
      'More than {v} must not go into the {s}.',
      'The {s} may cost {v}.',
    ],
    changed: ['The limit for the {s} was raised to {v}.', 'We can spend {v} on the {s} now, not {o}.'],
    asked: ['How much money is there for the {s}?', 'What is the budget of the {s}?'],
    unknown: ['greenhouse', 'drum kit'],
  },
  {
    subjects: split(
      'release notes, onboarding, invoices, fire drill, key cabinet, translation, backups, visitor badges, coffee supply, picture archive',
    ),
    values: split(
      'Ulrike, Mbali, Dagny, Corwin, Zofia, Anselm, Ruta, Lennox, Imke, Farid, Petra, Odile, Keanu',
    ),
    said: [
      '{v} takes care of the {s}.',
      'If something is wrong with the {s}, ask {v}.',
      '{v} is in charge of the {s}.',
    ],
    changed: ['{v} has taken over the {s} from {o}.', 'Since this week {v} looks after the {s}.'],
    asked: ['Whom do I turn to about the {s}?', 'Who is responsible for the {s}?'],
    unknown: ['lost property', 'bee hives'],
  },
  {
    subjects: split(
      'spare key, projector, first-aid kit, ladder, passport, label printer, tent, sewing machine, drill, guest mattress',
    ),
    values: split(
      'behind the barometer, in the blue trunk, under the stairs, in the third drawer, above the fuse box, beside the kiln, in the attic, inside the piano bench, at the neighbours, in the locker 17, on the top shelf, below the workbench, in the glove box',
    ),
    said: ['The {s} is {v}.', 'I put the {s} {v}.', 'You find the {s} {v}.'],
    changed: ['I moved the {s}, it is {v} now.', 'The {s} is not {o} any more but {v}.'],
    asked: ['I am looking for the {s}, where is it kept?', 'In what spot did I leave the {s}?'],
    unknown: ['metal detector', 'fondue set'],
  },
  {
    subjects: split(
      'code reviews, cover letters, summaries, weekly plans, recipes, commit messages, travel plans, minutes, slide decks, error reports',
    ),
    values: split(
      'in bullet points, in one paragraph, as a table, in formal English, with a checklist at the end, in lower case, as a timeline, under 200 words, without pictures, with line numbers, in plain French, as questions and answers, with a headline of five words',
    ),
    said: [
      'I prefer {s} {v}.',
      'Please write {s} {v}, I read them faster that way.',
      'When you make {s} for me, do it {v}.',
    ],
    changed: ['Actually I would rather have {s} {v}.', 'From now on I want {s} {v} instead of {o}.'],
    asked: ['How do I like {s} to be written?', 'Which form should {s} have for me?'],
    unknown: ['obituaries', 'limericks'],
  },
  {
    subjects: split(
      'mobile client, sensor firmware, payment plug-in, font package, camera driver, test runner, map style, voice model, invoice template, router image',
    ),
    values: split(
      '2.14.3, 0.9.17, 5.2.0, 1.33.1, 7.0.8, 3.21.4, 4.4.12, 6.18.2, 2.2.29, 8.1.5, 3.0.41, 9.6.7, 5.55.2',
    ),
    said: [
      'We are on version {v} of the {s}.',
      'The {s} is pinned to {v}.',
      'What we ship of the {s} is {v}.',
    ],
    changed: ['We upgraded the {s} to {v}.', 'The {s} went from {o} to {v}.'],
    asked: ['Which release of the {s} do we run?', 'What version is the {s}?'],
    unknown: ['sound card', 'braille table'],
  },
  {
    subjects: split('Nils, Amara, Joost, Vera, Callum, Ines, Sefa, Dorian, Maud, Teo'),
    values: split(
      'a red Skoda, a cargo bike, an old Volvo, a grey minibus, a white Fiat, a green tractor, a black Vespa, a yellow Twingo, a camper van, a silver Toyota, a folding bicycle, a blue Tesla, an orange moped',
    ),
    said: ['{s} drives {v}.', 'If you see {v} outside, {s} is here.', '{s} bought {v} last year.'],
    changed: ['{s} has {v} now, the other one is sold.', '{s} swapped {o} for {v}.'],
    asked: ['What vehicle does {s} get around with?', 'How does {s} come to work?'],
    unknown: ['Ambrose', 'Philippa'],
  },
  {
    subjects: split(
      'logistics team, night shift, press office, laboratory, warehouse crew, school board, tenants, running club, field engineers, interns',
    ),
    values: split(
      'Signal, Matrix, Slack, Teams, Telegram, Zulip, Mattermost, IRC, a mailing list, Discord, Threema, pagers, a notice board',
    ),
    said: [
      'The {s} can be reached through {v}.',
      'You only get hold of the {s} by {v}.',
      '{v} is what the {s} use for messages.',
    ],
    changed: ['The {s} switched to {v}.', 'The {s} gave up {o} and write by {v} now.'],
    asked: ['How do I get news to the {s}?', 'What does one contact the {s} with?'],
    unknown: ['beekeepers', 'jury'],
  },
  {
    subjects: split(
      'staging environment, demo site, backup copy, customer wiki, load test, training portal, status page, shop preview, beta build, log archive',
    ),
    values: split(
      'Frankfurt, Dublin, Oregon, Stockholm, Singapore, Montreal, Sydney, Zurich, Milan, Mumbai, Osaka, Warsaw, Doha',
    ),
    said: [
      'The {s} is hosted in {v}.',
      'Mind the latency, the {s} stands in {v}.',
      'Our {s} runs in the data centre at {v}.',
    ],
    changed: ['We relocated the {s} to {v}.', 'The {s} is in {v} now and no longer in {o}.'],
    asked: ['In which region does the {s} run?', 'Where on earth are the machines of the {s}?'],
    unknown: ['flight simulator', 'karaoke server'],
  },
  {
    subjects: split('Leonie, Abdul, Signe, Rocco, Fenna, Tobias, Marisol, Edvin, Khadija, Lorcan'),
    values: split(
      '4 March, 21 June, 16 September, 27 November, 9 April, 13 July, 31 January, 24 August, 6 October, 15 May, 20 December, 18 February, 1 June',
    ),
    said: [
      '{s} was born on {v}.',
      'The birthday of {s} must not be forgotten, it is {v}.',
      'On {v} we celebrate {s}, with cake as every year.',
    ],
    changed: ['I had it wrong: the birthday of {s} is {v}.', '{s} turns a year older on {v}, not on {o}.'],
    asked: ['When should I send {s} a birthday card?', 'On which day does {s} get older?'],
    unknown: ['Zenobia', 'Hector'],
  },
];

function split(list: string): string[] {
  return list.split(', ');
}
