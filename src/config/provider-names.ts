/** The providers that are reached without a `baseUrl`; what is known of each stands in host/model/providers.ts. */
export const PROVIDER_NAMES = [
  'anthropic',
  'openai',
  'ollama',
  'lmstudio',
  'openrouter',
  'gemini',
  'google',
  'mistral',
  'groq',
  'deepseek',
  'xai',
] as const;
