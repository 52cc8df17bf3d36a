import { badServerTests } from './bad-server-tests.ts';
import { overStdio } from './client.ts';

badServerTests('stdio', overStdio);
