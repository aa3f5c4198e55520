/** What the files of the machine have to know of the fleet. */
export interface Service {
  /** Folder of the project. */
  root: string;
  varDir: string;
  /** Node's program. */
  node: string;
  /** Who the fleet runs as. */
  user: string;
  group: string;
  pm2Home: string;
  /** Settings that are not in fleet.env. */
  environment: Record<string, string>;
  httpPort: number;
}

/** Ports below this one are for those who have the right to them. */
const FIRST_FREE_PORT = 1_024;
const DAYS_OF_LOGS = 14;

/**
 * Pure: the fleet as a unit of systemd. PM2's daemon is its main process: when it dies, `fleet down` ends in good
 * order what it left behind, and `fleet up` starts anew. One server that is out of memory must not end all others.
 */
export function serviceUnit(service: Service): string {
  const { root, node, user, group, pm2Home, environment, httpPort } = service;
  const fleet = [node, `${root}/dist/cli/main.js`].map(word).join(' ');
  const lines = [
    '[Unit]',
    `Description=Chatfleet in ${escaped(root)}`,
    'Wants=network-online.target',
    'After=network-online.target',
    '',
    '[Service]',
    'Type=forking',
    `User=${user}`,
    `Group=${group}`,
    `WorkingDirectory=${escaped(root)}`,
    ...Object.entries(environment).map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`),
    `PIDFile=${escaped(`${pm2Home}/pm2.pid`)}`,
    `ExecStart=${fleet} up`,
    `ExecReload=${fleet} nginx reload`,
    `ExecStop=${fleet} down`,
    'TimeoutStartSec=180',
    'TimeoutStopSec=120',
    'Restart=on-failure',
    'RestartSec=5',
    'OOMPolicy=continue',
    'LimitNOFILE=65536',
    'NoNewPrivileges=yes',
    'ProtectSystem=full',
    ...(httpPort < FIRST_FREE_PORT ? ['AmbientCapabilities=CAP_NET_BIND_SERVICE'] : []),
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ];
  return `${lines.join('\n')}\n`;
}

/** Pure: rotation of the logs under `var/log`. PM2 opens them anew when it is told to. */
export function logRotation({ varDir, user, group, pm2Home }: Service): string {
  const pid = `'${pm2Home}/pm2.pid'`;
  return `"${varDir}/log/*.log" {
    su ${user} ${group}
    daily
    rotate ${DAYS_OF_LOGS}
    missingok
    notifempty
    compress
    delaycompress
    nocreate
    sharedscripts
    postrotate
        if [ -s ${pid} ]; then kill -USR2 "$(cat ${pid})" || true; fi
    endscript
}
`;
}

/** In systemd's files a percent sign begins a specifier. */
function escaped(text: string): string {
  return text.replaceAll('%', '%%');
}

function quoted(text: string): string {
  return `"${escaped(text).replace(/[\\"]/g, '\\$&')}"`;
}

/** One word of a command, where a dollar begins a variable. */
function word(text: string): string {
  return quoted(text).replaceAll('$', () => '$$');
}
