import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** A self-made certificate for chat.example, as settings name it. */
export function selfMadeCertificate(folder: string): { TLS_CERT: string; TLS_KEY: string } {
  const [TLS_CERT, TLS_KEY] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', TLS_KEY];
  const names = ['-subj', '/CN=chat.example', '-addext', 'subjectAltName=DNS:chat.example,IP:127.0.0.1'];
  const args = ['req', '-x509', ...key, '-out', TLS_CERT, '-days', '2', ...names];
  execFileSync('openssl', args, { stdio: 'pipe' });
  return { TLS_CERT, TLS_KEY };
}
