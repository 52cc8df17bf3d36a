/** Ten domains of MetaTool: its requests are labelled with a tool, and a domain is some of the tools. */
import type { RouteOffer } from '../../src/host/workflow/pattern/route.ts';
import { sample } from '../report.ts';
import { metaTool } from '../tool-search/data.ts';

interface Domain {
  readonly description: string;
  readonly tools: readonly string[];
}

/** The descriptions were written before a request was looked at; each tool's own name in MetaTool. */
const DOMAINS: Readonly<Record<string, Domain>> = {
  finance: {
    description: 'Stocks, markets, portfolios, companies, exchange rates and money.',
    tools: ['FinanceTool', 'ExchangeTool', 'CompanyInfoTool', 'portfoliopilot'],
  },
  travel: {
    description: 'Trips, flights, hotels, places to see and what to do there.',
    tools: ['TripTool', 'TripAdviceTool'],
  },
  shopping: {
    description: 'Products, prices, gifts, discounts and reviews of what can be bought.',
    tools: ['ProductSearch', 'Discount', 'GiftTool', 'Review'],
  },
  jobs: { description: 'Job offers, careers, applications and résumés.', tools: ['JobTool', 'ResumeTool'] },
  housing: {
    description: 'Houses and flats to buy or to rent.',
    tools: ['HousePurchasingTool', 'HouseRentingTool'],
  },
  research: {
    description: 'Scientific papers, studies and their citations.',
    tools: ['ResearchFinder', 'ResearchHelper'],
  },
  documents: {
    description: 'Reading and asking about PDF files, documents and web pages by their address.',
    tools: ['PDF&URLTool', 'URLTool'],
  },
  weather: {
    description: 'Weather, forecasts, air and earthquakes.',
    tools: ['WeatherTool', 'EarthquakeTool'],
  },
  media: {
    description: 'Music, podcasts, films and videos.',
    tools: ['MusicTool', 'PodcastTool', 'VideoSummarizeTool', 'MediaTool'],
  },
  software: {
    description: 'Code repositories, websites and their search ranking.',
    tools: ['RepoTool', 'SEOTool', 'WebsiteTool'],
  },
};

export interface DomainRequest {
  readonly query: string;
  readonly domain: string;
}

export interface RoutingSet {
  readonly requests: readonly DomainRequest[];
  /** The routes with so many examples each, of which none is a request. */
  readonly routes: (examples: number) => Readonly<Record<string, RouteOffer>>;
}

/** The most examples that a route can have. */
const MAX_EXAMPLES = 40;

/** As many requests of each domain; undefined, with a line that says so, where the data is absent. */
export function routingSet(count: number, seed: number): RoutingSet | undefined {
  const set = metaTool();
  if (set === undefined) return undefined;
  const perDomain = Math.ceil(count / Object.keys(DOMAINS).length);
  const requests: DomainRequest[] = [];
  const examples = new Map<string, readonly string[]>();
  for (const [domain, { tools }] of Object.entries(DOMAINS)) {
    const wanted = new Set(tools.map((tool) => `metatool__${tool}`));
    const own = set.single.requests.filter(({ expected }) => expected.some((tool) => wanted.has(tool)));
    const queries = [...new Set(own.map(({ query }) => query))];
    const drawn = sample(queries, perDomain + MAX_EXAMPLES, seed);
    requests.push(...drawn.slice(0, perDomain).map((query) => ({ query, domain })));
    examples.set(domain, drawn.slice(perDomain));
  }
  return {
    requests,
    routes: (number) =>
      Object.fromEntries(
        Object.entries(DOMAINS).map(([domain, { description }]) => [
          domain,
          { description, examples: (examples.get(domain) ?? []).slice(0, number) },
        ]),
      ),
  };
}
