/**
 * Pure: the nginx in front of a plain Socket.IO fleet, as tutorials show it: ip_hash, and the headers for WebSocket.
 * `user` is who the workers run as, when nginx is started by root.
 */
export function plainNginx(ports: number[], listen: number, user: string | undefined): string {
  return `${user === undefined ? '' : `user ${user};\n`}worker_processes auto;
worker_rlimit_nofile 20000;
pid nginx.pid;
error_log stderr warn;
events { worker_connections 19000; }
http {
    client_body_temp_path temp/body;
    proxy_temp_path temp/proxy;
    fastcgi_temp_path temp/fastcgi;
    uwsgi_temp_path temp/uwsgi;
    scgi_temp_path temp/scgi;
    access_log off;
    map $http_upgrade $connection_header {
        default upgrade;
        "" "";
    }
    upstream chat {
        ip_hash;
${ports.map((port) => `        server 127.0.0.1:${port};\n`).join('')}        keepalive 64;
    }
    server {
        listen 127.0.0.1:${listen} backlog=4096;
        location / {
            proxy_pass http://chat;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_header;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_buffering off;
            proxy_read_timeout 75s;
        }
    }
}
`;
}
