import type { AutoscaleWords } from './autoscale-en';

/** `fleet autoscale`의 모든 문장. */
export const autoscaleKo: AutoscaleWords = {
  nothingToGoBy:
    '부하로 이 기간의 CPU를 설명할 수 없거나 자료가 부족해 기준으로 삼을 것이 없습니다.\n' +
    '다음: npx fleet report --hours 168',
  title: (hours, min, max) =>
    `기록된 ${hours}시간 동안 서버 ${min}~${max}대로 자동 조절했다면 이렇게 되었을 것입니다. 바뀐 것은 없습니다.`,
  load: (before, after) => `서버 한 대의 CPU ${before}, 조절하면 ${after}`,
  quiet: (after) => `한가함: 한 대를 줄여도 CPU ${after}`,
  atMost: (max) => `허용된 ${max}대보다 더 필요했습니다`,
  stays: '없음: 서버 수가 그대로였을 것입니다.',
  cost: (hours, fixed, saved) =>
    `서버 시간 ${hours}. 피크에 필요한 서버를 내내 두었다면 ${fixed} (${saved} 절약).`,
  neverLate: '늦은 적이 없었을 것입니다.',
  late: (count, when, min) =>
    `그중 ${count}시간은 늦었을 것입니다. 서버보다 부하가 먼저 왔습니다(${when}). --min ${min}이면 줄어듭니다.`,
};
