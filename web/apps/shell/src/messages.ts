// What every application says besides its own words.
import type { Catalogs } from '@outpost/react';

export type ShellMessageId = keyof typeof en;

const en = {
  'shell.opening': 'Opening…',
  'shell.failed': 'This page cannot start',
  'shell.reload': 'Reload',
  'shell.language': 'Language',
  'shell.signIn': 'Sign in',
  'shell.workspace': 'Restaurant',
  'shell.user': 'Your name',
  'shell.token': 'Access code',
  'shell.token.help': 'You get it from your manager.',
  'shell.demo': 'Demo',
  'shell.cable': 'Pull the network cable',
  'shell.options': 'Options',
} as const;

type Words = Readonly<Record<ShellMessageId, string>>;

const fa: Words = {
  'shell.opening': 'در حال باز شدن…',
  'shell.failed': 'این صفحه باز نمی‌شود',
  'shell.reload': 'بارگذاری دوباره',
  'shell.language': 'زبان',
  'shell.signIn': 'ورود',
  'shell.workspace': 'رستوران',
  'shell.user': 'نام شما',
  'shell.token': 'کد ورود',
  'shell.token.help': 'آن را از مدیر خود بگیرید.',
  'shell.demo': 'نمایشی',
  'shell.cable': 'کشیدن کابل شبکه',
  'shell.options': 'گزینه‌ها',
};

const ar: Words = {
  'shell.opening': 'جارٍ الفتح…',
  'shell.failed': 'لا يمكن تشغيل هذه الصفحة',
  'shell.reload': 'إعادة التحميل',
  'shell.language': 'اللغة',
  'shell.signIn': 'تسجيل الدخول',
  'shell.workspace': 'المطعم',
  'shell.user': 'اسمك',
  'shell.token': 'رمز الدخول',
  'shell.token.help': 'تحصل عليه من مديرك.',
  'shell.demo': 'عرض',
  'shell.cable': 'افصل كابل الشبكة',
  'shell.options': 'خيارات',
};

export function withShell(own: Catalogs): Catalogs {
  return { en: { ...en, ...own.en }, fa: { ...fa, ...own.fa }, ar: { ...ar, ...own.ar } };
}
