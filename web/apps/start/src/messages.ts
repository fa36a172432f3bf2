import type { Catalogs } from '@outpost/react';

const en = {
  'start.title': 'A restaurant that shrugs at a dead line',
  'start.intro': 'On one side the waiter’s till, on the other the kitchen. Both run in this browser, each keeps its own data, and both share one server.',
  'start.step.order': 'Tap a table, then dishes, and send them to the kitchen.',
  'start.step.pull': 'Pull the till’s cable and go on: order, send, take cash.',
  'start.step.put': 'Put the cable back and watch: everything goes up, once, and the kitchen has it.',
  'start.cable': 'Pull the till’s cable',
  'start.second': 'A second terminal takes orders',
  'start.second.done': '{count, plural, =0 {no orders yet} one {# order taken} other {# orders taken}}',
  'start.second.busy': 'the kitchen is full: bump some tickets',
  'start.till': 'Till',
  'start.kitchen': 'Kitchen',
  'start.open': 'Open full screen',
  'start.state.online': 'connected',
  'start.state.cut': 'cable pulled',
  'start.state.connecting': 'connecting…',
  'start.step.done': 'Everything has gone up, once. The kitchen has it.',
  'start.state.waiting': '{count, plural, =0 {nothing waits} one {# change waits} other {# changes wait}}',
  'start.status': 'What the server sees',
} as const;

export type StartMessageId = keyof typeof en;
type Words = Readonly<Record<StartMessageId, string>>;

const fa: Words = {
  'start.title': 'رستورانی که با قطع شدن خط از کار نمی‌افتد',
  'start.intro': 'یک سو صندوق گارسون، سوی دیگر آشپزخانه. هر دو در همین مرورگر کار می‌کنند؛ هر کدام داده‌های خود را نگه می‌دارد و هر دو به یک سرور وصل‌اند.',
  'start.step.order': 'روی یک میز بزنید، غذاها را بزنید و به آشپزخانه بفرستید.',
  'start.step.pull': 'کابل صندوق را بکشید و ادامه دهید: سفارش، ارسال، دریافت نقدی.',
  'start.step.put': 'کابل را برگردانید: همه چیز یک بار فرستاده می‌شود و به آشپزخانه می‌رسد.',
  'start.cable': 'کشیدن کابل صندوق',
  'start.second': 'پایانهٔ دوم سفارش می‌گیرد',
  'start.second.done': '{count, plural, =0 {هنوز سفارشی نیست} one {# سفارش گرفته شد} other {# سفارش گرفته شد}}',
  'start.second.busy': 'آشپزخانه پر است: چند فیش را تحویل دهید',
  'start.till': 'صندوق',
  'start.kitchen': 'آشپزخانه',
  'start.open': 'باز کردن تمام‌صفحه',
  'start.state.online': 'وصل',
  'start.state.cut': 'کابل کشیده شده',
  'start.state.connecting': 'در حال اتصال…',
  'start.step.done': 'همه چیز یک بار فرستاده شد و به آشپزخانه رسید.',
  'start.state.waiting': '{count, plural, =0 {چیزی در صف نیست} one {# تغییر در صف} other {# تغییر در صف}}',
  'start.status': 'آنچه سرور می‌بیند',
};

const ar: Words = {
  'start.title': 'مطعم لا يبالي بانقطاع الخط',
  'start.intro': 'في جهةٍ صندوق النادل وفي الأخرى المطبخ. كلاهما يعمل في هذا المتصفح، ولكلٍّ منهما بياناته، ويتصلان بخادم واحد.',
  'start.step.order': 'المس طاولة، ثم أطباقًا، وأرسلها إلى المطبخ.',
  'start.step.pull': 'افصل كابل الصندوق وتابع: طلب، إرسال، قبض نقدًا.',
  'start.step.put': 'أعد الكابل وراقب: يُرسل كل شيء مرة واحدة ويصل إلى المطبخ.',
  'start.cable': 'افصل كابل الصندوق',
  'start.second': 'محطة ثانية تأخذ الطلبات',
  'start.second.done': '{count, plural, zero {لا طلبات بعد} one {طلب واحد} two {طلبان} few {# طلبات} many {# طلبًا} other {# طلب}}',
  'start.second.busy': 'المطبخ ممتلئ: قدّم بعض التذاكر',
  'start.till': 'الصندوق',
  'start.kitchen': 'المطبخ',
  'start.open': 'افتح بملء الشاشة',
  'start.state.online': 'متصل',
  'start.state.cut': 'الكابل مفصول',
  'start.state.connecting': 'جارٍ الاتصال…',
  'start.step.done': 'أُرسل كل شيء مرة واحدة ووصل إلى المطبخ.',
  'start.state.waiting': '{count, plural, zero {لا شيء ينتظر} one {تغيير واحد ينتظر} two {تغييران ينتظران} few {# تغييرات تنتظر} many {# تغييرًا ينتظر} other {# تغيير ينتظر}}',
  'start.status': 'ما يراه الخادم',
};

export const messages: Catalogs = { en, fa, ar };
