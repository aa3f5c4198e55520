import type { DoctorWords } from './doctor-en';

const raiseLimit = '한도를 올린 뒤(ulimit -n) npm stop, npm start';
const profile = '오래 이어지는 계산이 있습니다. 그때 프로파일을 뜨십시오: node --cpu-prof';
const rebalance = '지금 있는 사람을 고르게 나누려면: npx fleet rebalance';
const logsOf = (name: string): string => `npx fleet logs ${name}`;

/** `fleet doctor`의 모든 문장. */
export const doctorKo: DoctorWords = {
  do: '할 일',
  notChecked: (problem) => `확인하지 못했습니다: ${problem}`,
  summary: (ok, found, failed) => `정상 ${ok}, 문제 발견 ${found}, 확인 실패 ${failed}.`,
  serversAnswer: {
    title: '계획된 모든 서버가 응답하고 정상입니다',
    noAnswer: (name) => ({ what: `${name}: 응답이 없습니다`, advice: logsOf(name) }),
    notWell: (name, state) => ({ what: `${name}: 스스로 알린 상태가 ${state}입니다`, advice: logsOf(name) }),
  },
  planHolds: {
    title: '계획, PM2, nginx, 실제 포트가 서로 맞습니다',
    missing: (name) => ({
      what: `${name}: 계획에는 있지만 PM2가 실행하고 있지 않습니다`,
      advice: 'npx fleet up',
    }),
    foreign: (name) => ({
      what: `${name}: 실행 중이지만 계획에 없습니다`,
      advice: `npx pm2 delete ${name}`,
    }),
    otherProcess: (name, pid, wanted) => ({
      what: `${name}: 그 포트에서 프로세스 ${pid}번이 응답하는데 PM2가 실행한 것은 ${wanted}번입니다`,
      advice: `kill ${pid}, 그다음 npx pm2 restart ${name}`,
    }),
    otherNginx: () => ({
      what: 'nginx가 계획, 설정, 템플릿과 다른 구성으로 실행되고 있습니다',
      advice: 'npx fleet nginx reload',
    }),
  },
  overload: {
    title: '시간이 모자라 무언가를 포기하는 서버가 없습니다',
    refuses: (name, aSecond) => ({
      what: `${name}: 과부하입니다. 새 접속과 감당할 수 없는 전송을 거절합니다(초당 ${aSecond}건)`,
      advice:
        '피크에 필요한 서버 수: npx fleet report. docs/OPERATING.md의 "When there is too much to do" 참고',
    }),
    sheds: (name, list) => ({
      what: `${name}: 남은 시간이 거의 없어 다음을 포기합니다: ${list}`,
      advice: '메시지는 계속 전달됩니다. 서버를 늘리면 나아지는지: npx fleet report',
    }),
    shed: { typing: '입력 중 표시', presence: '접속자 표시(5초마다만)' },
  },
  fanOut: {
    title: '포화된 이벤트 루프가 없습니다',
    byFanOut: (name, loop, cpu, deliveries) => ({
      what: `${name}: 이벤트 루프 사용률 ${loop}, CPU ${cpu}. 원인은 전달입니다(초당 ${deliveries}건)`,
      advice: '서버를 늘리면 나아집니다. 몇 대인지: npx fleet report',
    }),
    byOther: (name, loop, cpu, calls, deliveries) => ({
      what: `${name}: 이벤트 루프 사용률 ${loop}, CPU ${cpu}. 초당 호출 ${calls}건, 전달 ${deliveries}건입니다`,
      advice: 'npx fleet report. 부하로 설명되지 않으면 프로파일을 뜨십시오: node --cpu-prof',
    }),
  },
  loopBlocked: {
    title: '지난 두 시간 동안 막힌 이벤트 루프가 없습니다',
    now: (name, length) => ({
      what: `${name}: 방금 이벤트 루프가 ${length} 동안 멈췄습니다`,
      advice: profile,
    }),
    lately: (name, before, length) => ({
      what: `${name}: ${before} 이전에 계산하느라${length === undefined ? '' : ` ${length} 동안`} 멈췄습니다`,
      advice: profile,
    }),
  },
  garbage: {
    title: '가비지 컬렉션이 서버의 시간을 빼앗지 않습니다',
    collects: (name, share) => ({
      what: `${name}: 시간의 ${share}를 가비지 컬렉션에 씁니다`,
      advice:
        '한꺼번에 너무 많이 만들거나 붙들고 있습니다. npx fleet status에서 메모리를 보고 프로파일을 뜨십시오: node --heap-prof',
    }),
    full: (name, share) => ({
      what: `${name}: Node가 쓸 수 있는 메모리의 ${share}를 쓰고 있습니다. 넘으면 프로세스가 끝납니다`,
      advice: 'npm stop 뒤 NODE_OPTIONS=--max-old-space-size=MB npm start, 또는 서버를 늘리십시오',
    }),
  },
  hostStarved: {
    title: '서버가 쓸 CPU가 기계에 남아 있습니다',
    stolen: (share) => ({
      what: `같은 하드웨어의 다른 가상 기계가 CPU의 ${share}를 가져갑니다`,
      advice: '기계를 빌려준 곳에 문의하거나 다른 기계를 쓰십시오',
    }),
    busy: (all, ours) => ({
      what: `기계의 CPU 사용률은 ${all}인데 그중 채팅 서버의 몫은 ${ours}입니다`,
      advice: '무엇이 실행 중인지 top으로 보고 다른 곳으로 옮기십시오',
    }),
  },
  redisFast: {
    title: 'Redis가 빨리 응답합니다',
    slow: (time) => ({
      what: `왕복 열 번 중 가장 느린 것이 ${time} 걸렸습니다`,
      advice: 'redis-cli SLOWLOG GET 10. 그 기계나 디스크가 바쁘지 않습니까?',
    }),
    buffer: (megabytes) => ({
      what: `한 구독자에게 갈 ${megabytes} MB가 밀려 있습니다. 한도에 이르면 Redis가 연결을 끊습니다`,
      advice: '너무 느리게 읽는 서버가 있습니다. 이벤트 루프가 포화된 서버를 찾으십시오: npx fleet status',
    }),
  },
  redisRoom: {
    title: 'Redis에 메모리가 남아 있습니다',
    nearlyFull: (share) => ({
      what: `Redis가 메모리의 ${share}를 쓰고 있습니다. 모든 방에서 가장 오래된 메시지부터 지워집니다`,
      advice: 'REDIS_MAX_MEMORY_MB를 올리거나 덜 보관하십시오(KEEP_ENTRIES, KEEP_DAYS)',
    }),
  },
  redisKeeps: {
    title: 'Redis가 확인해 준 것을 보관합니다',
    facts: {
      version: (version) => `버전이 ${version}입니다. 7 이상이어야 합니다`,
      evicts: (policy) =>
        `maxmemory-policy가 ${policy}입니다. noeviction이어야 합니다. 아니면 메시지가 소리 없이 사라집니다`,
      keepsNoFile: 'appendonly가 no입니다. yes여야 합니다. 아니면 다시 시작할 때 메시지를 잃습니다',
      replica: '복제본입니다. 마스터여야 합니다',
    },
    wrong: (what) => ({ what, advice: '구성을 고치십시오. docs/OPERATING.md의 "A Redis of your own" 참고' }),
    writes: (status) => ({ what: `마지막 디스크 쓰기: ${status}`, advice: '디스크에 자리를 만드십시오' }),
  },
  deaf: {
    title: 'Redis가 알리는 것이 모든 서버에 닿습니다',
    cannotHear: (name) => ({
      what: `${name}: 듣지 못합니다. 쓰는 것은 Redis가 받지만 알림이 오지 않아 이 서버의 사람들은 메시지를 늦게 봅니다`,
      advice: `npx fleet logs ${name}. Redis 사용자에게 구독 권한(ACL)이 있습니까, 사이에 프록시가 있습니까? docs/OPERATING.md의 "A Redis of your own" 참고`,
    }),
  },
  outboxEmpty: {
    title: '디스크에서 기다리는 메시지가 없습니다',
    waiting: (name, count) => ({
      what: `${name}: 메시지 ${count}건이 디스크에서 Redis를 기다립니다`,
      advice: '잃은 것은 없습니다. Redis가 받으면 저절로 나갑니다: npx fleet status',
    }),
    setAside: () => ({
      what: '따로 치워 둔 메시지가 있습니다. 로그가 끝내 거절했습니다',
      advice: 'var/outbox/set-aside.jsonl을 읽으십시오. docs/OPERATING.md의 "When Redis is away" 참고',
    }),
  },
  skew: {
    title: '사람들이 서버에 고르게 나뉘어 있습니다',
    uneven: (name, count, total, factor) =>
      `${name}: 연결 ${total}개 중 ${count}개가 있습니다. 제 몫의 ${factor}배입니다`,
    network: (count, total, network) => `. nginx의 연결 ${total}개 중 ${count}개가 ${network}에서 옵니다`,
    advice: {
      ip_hash: `${rebalance}. 한 네트워크는 한 서버로 가므로(BALANCE=ip_hash) 서버를 늘려도 나아지지 않습니다. docs/OPERATING.md의 "An office on one server" 참고`,
      consistent: `${rebalance}. 한 주소는 한 서버로 가므로(BALANCE=consistent) 서버를 늘려도 나아지지 않습니다. docs/OPERATING.md의 "An office on one server" 참고`,
      least_conn: `${rebalance}. 새로 오는 사람은 저절로 가장 빈 서버로 갑니다(BALANCE=least_conn)`,
    },
  },
  pollingShare: {
    title: '사람들에게 WebSocket이 닿습니다',
    high: (count, total, share) => ({
      what: `${total}명 중 ${count}명이 폴링을 씁니다(${share}). WebSocket이 닿지 않습니다`,
      advice:
        '오는 길의 무언가가 업그레이드를 통과시키지 않습니다. docs/OPERATING.md의 "People stay on polling" 참고',
    }),
  },
  reconnectStorm: {
    title: '사람들의 연결이 유지됩니다',
    storm: (connects, there) => ({
      what: `시간당 ${connects}번 접속했고, 지금 ${there}명이 있습니다. 연결이 2분도 이어지지 않습니다`,
      advice:
        '연결이 왜 끝나는지 npx fleet logs로 보십시오. 연결을 끊는 프록시, 또는 쉬지 않고 다시 접속하는 클라이언트',
    }),
  },
  typingStorm: {
    title: '입력 중 표시와 접속자 조회는 호출의 작은 부분입니다',
    storm: (event, share, count, from) => ({
      what: `모든 호출의 ${share}가 ${event}입니다: ${from}부터 한 시간에 ${count}번`,
      advice: '클라이언트가 3초에 한 번까지만 보내게 하십시오. 우리 클라이언트는 그렇게 합니다',
    }),
  },
  descriptors: {
    title: '서버와 nginx가 연결을 더 받을 수 있습니다',
    server: (name, open, most) => ({
      what: `${name}: 파일 디스크립터 ${most}개 중 ${open}개가 열려 있습니다`,
      advice: raiseLimit,
    }),
    nginx: (share) => ({ what: `nginx가 가질 수 있는 연결의 ${share}를 쓰고 있습니다`, advice: raiseLimit }),
  },
  record: {
    title: '모니터가 기록을 남깁니다',
    silent: (monitor) => ({ what: '두 간격이 지나도록 기록이 한 줄도 없습니다', advice: logsOf(monitor) }),
  },
};
