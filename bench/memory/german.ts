/** As in english.ts. The embedder knows English only, so that here words have to do most of the finding. */
import type { Template } from './template.ts';

export const GERMAN: readonly Template[] = [
  {
    subjects: split('Annika, Jürgen, Swantje, Holger, Gesine, Ruben, Tilda, Wolfram, Heike, Bodo'),
    values: split(
      'Kassel, Jena, Husum, Passau, Ulm, Trier, Celle, Görlitz, Emden, Coburg, Lindau, Stade, Fulda',
    ),
    said: [
      '{s} wohnt in {v}.',
      'Wenn wir in {v} sind, können wir bei {s} übernachten, die Wohnung ist groß genug.',
      '{s} ist seit Jahren in {v} zu Hause.',
    ],
    changed: ['{s} ist nach {v} umgezogen.', '{s} wohnt nicht mehr in {o}, sondern in {v}.'],
    asked: ['In welcher Stadt lebt {s}?', 'Wohin muss ich fahren, um {s} zu besuchen?'],
    unknown: ['Kunigunde', 'Eberhard'],
  },
  {
    subjects: split(
      'Rechnungen, Urlaubsanträge, Bestellungen, Schlüssel, Dienstwagen, Aushänge, Reisekosten, Zeugnisse, Druckerpatronen, Spendenbriefe',
    ),
    values: split(
      'Frau Brandt, Herr Yilmaz, Frau Nowak, Herr Petersen, Frau Özdemir, Herr Lutz, Frau Albers, Herr Rahimi, Frau Zeller, Herr Kowalski, Frau Hinrichs, Herr Baumann, Frau Sörensen',
    ),
    said: [
      'Für {s} ist {v} zuständig.',
      'Bei Fragen zum Thema {s} wende dich an {v}.',
      '{v} kümmert sich um {s}.',
    ],
    changed: ['Das Thema {s} hat {v} von {o} übernommen.', 'Ab jetzt kümmert sich {v} um {s}.'],
    asked: ['Wer hilft mir bei {s}?', 'Wen spreche ich wegen {s} an?'],
    unknown: ['Bienenstöcke', 'Fundsachen'],
  },
  {
    subjects: split(
      'Zeiterfassung, Buchhaltung, Raumplanung, Serienbriefe, Terminumfragen, Lagerverwaltung, Fotobearbeitung, Vereinskasse, Dienstpläne, Stadtpläne',
    ),
    values: split(
      'Tabelo, Kontex, Raumio, Postago, Wannwir, Regalix, Lumibild, Kassandra Pro, Schichtwerk, Kartograf, Zeitblick, Umfragio, Bilanzia',
    ),
    said: [
      'Wir benutzen {v} für {s}.',
      'In Sachen {s} läuft bei uns alles über {v}.',
      'Wir haben uns bei {s} für {v} entschieden.',
    ],
    changed: ['Wir sind bei {s} von {o} auf {v} umgestiegen.', 'Für {s} nehmen wir jetzt {v}.'],
    asked: ['Welches Programm haben wir für {s}?', 'Womit erledigen wir {s}?'],
    unknown: ['Ahnenforschung', 'Notensatz'],
  },
  {
    subjects: split(
      'Chorprobe, Elternabend, Vorstandssitzung, Zahnarzttermin, Schwimmkurs, Stammtisch, Blutspende, Sprechstunde, Lesekreis, Brandschutzübung',
    ),
    values: split(
      'Montag um 19:30, Dienstag um 20:00, Mittwoch um 17:15, Donnerstag um 8:45, Freitag um 16:10, Montag um 18:20, Dienstag um 9:35, Mittwoch um 14:50, Donnerstag um 19:05, Freitag um 10:40, Samstag um 11:15, Dienstag um 13:25, Mittwoch um 7:55',
    ),
    said: [
      '{s} ist immer am {v}.',
      'Am {v} habe ich nie Zeit, da ist {s}.',
      'Als Zeit für {s} haben wir {v} ausgemacht.',
    ],
    changed: ['{s} wurde auf {v} verlegt.', '{s} ist nicht mehr am {o}, sondern am {v}.'],
    asked: ['Wann findet {s} statt?', 'Zu welcher Zeit muss ich bei {s} sein?'],
    unknown: ['Fechtstunde', 'Weinprobe'],
  },
];

function split(list: string): string[] {
  return list.split(', ');
}
