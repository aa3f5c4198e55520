import { autoscaleKo } from './autoscale-ko';
import { doctorKo } from './doctor-ko';
import type { Words } from './en';

/** 보고서의 모든 문장. */
export const ko: Words = {
  lang: 'ko',
  head: {
    hour: '시각',
    calls: '호출',
    deliveries: '전달',
    connects: '접속',
    cpu: 'CPU 평균',
    max: '최대',
    busiest: '가장 바쁜 서버',
    delay: '최대 지연',
    missed: '무응답',
    absent: '기록 없음',
  },
  load: { deliveries: '전달', calls: '호출', connects: '접속', atRest: '기본' },
  title: '채팅은 왜 느린가?',
  conclusion: '결론',
  hourByHour: '시간별',
  cpuOfHours: 'CPU, 코어 하나에 대한 %: 모든 서버의 평균과 그중 최대',
  cpuByLoad: '서버 한 대의 전달 수(없으면 호출 수)에 따른 CPU: 점 하나가 한 시간',
  average: '평균',
  maximum: '최대',
  servers: '서버',
  loopDelay: '이벤트 루프의 최대 지연',
  total: '합계',
  peak: '피크',
  soFar: '현재까지',
  to: '~',
  peaks: (spans) => `피크: ${spans}`,
  probes: (count) => `확인 ${count}번에 응답이 없었습니다. 서버가 멈췄거나 실행 중이 아니었습니다.`,
  stoodStill: (delay, hour) => `이벤트 루프가 ${delay} 동안 멈췄습니다: ${hour}`,
  absentLines: (count) =>
    `기록 ${count}줄이 없습니다. 모니터가 멈췄거나 쓸 수 없었거나, 그 시간의 일부 동안 서버들이 꺼져 있었습니다.`,
  noCounters: (reason) =>
    `Redis가 응답하지 않아${reason} 호출, 전달, 접속 수를 알 수 없습니다. 다음: npx fleet status`,
  nothingKnown:
    '이 시간에 대해 알려진 것이 없습니다. 기록이 없고, 센 호출도 없거나 Redis가 응답하지 않습니다. 다음: npx fleet status',
  noRecord: '이 시간의 기록이 없어 CPU를 알 수 없습니다. 다음: npx fleet sample',
  filesRead: (names, zone) => `읽은 파일: ${names}. 시간대가 없는 시각은 ${zone} 기준입니다.`,
  noCallsFile: '호출 파일이 없어 호출 수를 알 수 없습니다. 다음: --calls FILE',
  noCpuFile: 'CPU 파일이 없어 CPU를 알 수 없습니다. 다음: --cpu FILE',
  freeze: (server, span, length, why) => `멈춤: ${server}, ${span}${length}${why}`,
  moreFreezes: (count) => `... 외 ${count}건: --json에 모두 있습니다.`,
  computing: ', 그동안 계산 중이었습니다: 막는 코드이거나 감당할 수 없는 부하',
  notComputing: ', 계산하지 않고 있었습니다: 정지되었거나 기계를 기다림',
  silent: '기존 서버',
  correlation: (parts, hours) => `CPU와의 상관: ${parts} (${hours}시간 기준, 1이면 완전히 함께 움직임).`,
  fewHours: (hours, needed) =>
    `결론을 내리기에는 자료가 부족합니다. 횟수와 CPU가 모두 있는 시간이 ${hours}시간이고, ${needed}시간이 필요합니다.`,
  steadyLoad:
    '이 시간 동안 부하가 거의 변하지 않아 비용을 알 수 없습니다. 밤을 포함해 더 긴 기간을 보십시오.',
  alwaysFull: 'CPU가 거의 내내 한계여서 부하의 비용을 알 수 없습니다. 지금 서버로는 감당할 수 없습니다.',
  idle: 'CPU가 내내 10 % 미만이어서 설명할 것이 없습니다.',
  unexplained: (hours) =>
    `부하로는 CPU를 설명할 수 없습니다(${hours}시간). 다른 것이 CPU를 쓰고 있으므로 서버를 늘리는 것은 아직 답이 아닙니다. ` +
    '부하가 적은데 CPU가 높은 시간을 찾아 프로파일을 뜨십시오: node --cpu-prof.',
  partly: (share) => `부하가 CPU 변화의 ${share}만 설명합니다. 아래 수치는 대략적입니다.`,
  explained: (share) => `부하가 CPU 변화의 ${share}를 설명합니다.`,
  cost: (atRest, parts) => `서버 한 대는 부하가 없을 때 코어의 ${atRest}, 그리고 ${parts}를 씁니다.`,
  each: { deliveries: '(전달 한 건)', calls: '(호출 한 번)', connects: '(접속 한 번)' },
  together: (list) =>
    `${list} 수가 함께 오르내립니다. 합한 비용은 알 수 있지만 각각의 비용은 알 수 없습니다.`,
  callsOnly: '호출 하나를 몇 명이 받았는지 알 수 없는데 비용은 그것을 따르므로, 수치는 대략적입니다.',
  shares: (hour, parts) => `피크(${hour})의 CPU: ${parts}.`,
  knee: (percent) =>
    `CPU가 코어의 ${percent}에서 더 오르지 않습니다. 여기서는 그것이 서버 한 대의 한계입니다.`,
  saturation: (parts, asked, atLeast) =>
    `서버 한 대의 한계는 시간당 ${parts} 부근이고, 피크에는 ${atLeast ? '적어도 ' : ''}${asked} 필요합니다.`,
  need: (servers, withOneLost, now) =>
    `${servers}면 CPU 60 %로 피크를 감당하고, ${withOneLost}면 한 대를 잃어도 견딥니다${now}.`,
  now: (servers) => `. 현재 계획: ${servers}`,
  serverCount: (count) => `서버 ${count}대`,
  cores: (cores, needed) =>
    `이 기계의 코어는 ${cores}개인데 피크에는 nginx와 Redis 말고도 ${needed}개가 필요합니다. 코어보다 많은 서버는 도움이 되지 않습니다. ` +
    '기계를 더하거나 일을 줄여야 합니다.',
  full: '피크에는 서버가 아니라 기계 전체가 한계였습니다.',
  skew: (factor) =>
    `가장 바쁜 서버의 CPU가 평균의 ${factor}배입니다. 서버를 늘려도 고르게 되지 않습니다. 참고: npx fleet status`,
  enoughNow: (servers) => `다음: 할 일이 없습니다. ${servers}면 충분합니다.`,
  next: (command) => `다음: ${command}`,
  doctor: doctorKo,
  autoscale: autoscaleKo,
};
