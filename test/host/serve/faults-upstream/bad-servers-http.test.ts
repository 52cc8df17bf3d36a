import { badServerTests } from './bad-server-tests.ts';
import { overHttp } from './client.ts';

badServerTests('http', overHttp);
