// What went wrong, in people's words (W6): English, Persian, Arabic. Every message says what to do next. Codes of a
// later server fall to their HTTP status, and the rest to one that can always be said.
import type { Locale, OutpostErrorLike } from './api.js';

type Catalog = Readonly<Record<string, string>>;

const en: Catalog = {
  OFFLINE_UNAVAILABLE: 'This needs a connection. Connect and try again.',
  NETWORK_ERROR: 'The server could not be reached. Check the connection and try again.',
  TIMEOUT: 'This takes longer than usual. It goes on by itself.',
  INVALID_ARGUMENT: 'Something entered is not valid. Check it and try again.',
  VALIDATION_FAILED: 'Something entered is not valid. Check it and try again.',
  NOT_FOUND: 'This does not exist any more. Refresh the list.',
  ALREADY_EXISTS: 'This exists already. Open it instead of making it again.',
  REFUSED: 'This is not possible now. Check its present state.',
  QUEUE_FULL: 'Too many offline operations, or no room on this device. Please connect to sync.',
  BUSY: 'Somebody else is busy with this. Try again in a moment.',
  STORE_CORRUPT: 'The data on this device cannot be read. Call support before you clear anything.',
  STORE_FAILED: 'This device could not store the change. Reload the page and try again.',
  STORE_TAKEN: 'Another tab holds the data and does not answer. Close it and reload this page.',
  SIGNED_OUT: 'You are signed out. Sign in and try again.',
  CLOSED: 'This page was closed. Reload it.',
  UNAUTHENTICATED: 'Your sign-in has expired. Sign in again; nothing is lost.',
  FORBIDDEN: 'You may not do this. Ask a manager.',
  VERSION_CONFLICT: 'Somebody else changed this meanwhile. Compare and choose.',
  INVALID_STATE_TRANSITION: 'This has moved on meanwhile. Check its present state.',
  IDEMPOTENCY_KEY_REUSED: 'This was sent before with other content. Check it and send it as a new one.',
  IDEMPOTENCY_KEY_EXPIRED: 'This waited too long to be sent safely. Check whether it is still needed.',
  DEPENDENCY_FAILED: 'Something this builds on was refused. Settle that first.',
  ONLINE_ONLY: 'This needs a connection. Connect and try again.',
  PAYMENT_UNAVAILABLE: 'Card payments are not available now. Take cash or try later.',
  RATE_LIMITED: 'Too many requests. Wait a moment and try again.',
  UNAVAILABLE: 'The server is busy. It is tried again by itself.',
  BODY_TOO_LARGE: 'This is too large to be sent. Split it.',
  MISFIT: 'This page and the server do not fit together. Reload it, and call support if it stays.',
  FETCHED_ANEW: 'The data is being fetched anew. You can go on working.',
  ALREADY_APPLIED: 'This was done before it could be taken back. Make a correction instead.',
  REQUEST_IN_PROGRESS: 'The same is being done right now. Try again in a moment.',
  unknown: 'Something went wrong. Try again, and call support if it stays.',
};

const fa: Catalog = {
  OFFLINE_UNAVAILABLE: 'این کار به اتصال نیاز دارد. وصل شوید و دوباره امتحان کنید.',
  NETWORK_ERROR: 'سرور در دسترس نیست. اتصال را بررسی کنید و دوباره امتحان کنید.',
  TIMEOUT: 'این کار بیش از معمول طول می‌کشد. خودش ادامه پیدا می‌کند.',
  INVALID_ARGUMENT: 'بخشی از اطلاعات واردشده درست نیست. آن را بررسی و دوباره امتحان کنید.',
  VALIDATION_FAILED: 'بخشی از اطلاعات واردشده درست نیست. آن را بررسی و دوباره امتحان کنید.',
  NOT_FOUND: 'این مورد دیگر وجود ندارد. فهرست را تازه کنید.',
  ALREADY_EXISTS: 'این مورد از قبل هست. به جای ساختن دوباره، آن را باز کنید.',
  REFUSED: 'این کار اکنون ممکن نیست. وضعیت فعلی را بررسی کنید.',
  QUEUE_FULL: 'عملیات آفلاین زیاد است یا جا روی این دستگاه نیست. برای همگام‌سازی وصل شوید.',
  BUSY: 'شخص دیگری مشغول این کار است. کمی بعد دوباره امتحان کنید.',
  STORE_CORRUPT: 'داده‌های این دستگاه خوانده نمی‌شود. پیش از پاک کردن چیزی با پشتیبانی تماس بگیرید.',
  STORE_FAILED: 'تغییر روی این دستگاه ذخیره نشد. صفحه را دوباره بارگذاری و امتحان کنید.',
  STORE_TAKEN: 'زبانهٔ دیگری داده‌ها را در اختیار دارد و پاسخ نمی‌دهد. آن را ببندید و این صفحه را دوباره بارگذاری کنید.',
  SIGNED_OUT: 'از حساب خارج شده‌اید. وارد شوید و دوباره امتحان کنید.',
  CLOSED: 'این صفحه بسته شده است. آن را دوباره بارگذاری کنید.',
  UNAUTHENTICATED: 'مهلت ورود شما تمام شده است. دوباره وارد شوید؛ چیزی از دست نرفته است.',
  FORBIDDEN: 'اجازهٔ این کار را ندارید. از مدیر بخواهید.',
  VERSION_CONFLICT: 'در این میان شخص دیگری این را تغییر داده است. مقایسه و انتخاب کنید.',
  INVALID_STATE_TRANSITION: 'وضعیت این مورد در این میان عوض شده است. وضعیت فعلی را بررسی کنید.',
  IDEMPOTENCY_KEY_REUSED: 'این پیش‌تر با محتوای دیگری فرستاده شده است. آن را بررسی و به عنوان مورد تازه بفرستید.',
  IDEMPOTENCY_KEY_EXPIRED: 'این مورد بیش از حد منتظر مانده است. بررسی کنید آیا هنوز لازم است.',
  DEPENDENCY_FAILED: 'چیزی که این به آن وابسته است رد شد. نخست آن را حل کنید.',
  ONLINE_ONLY: 'این کار به اتصال نیاز دارد. وصل شوید و دوباره امتحان کنید.',
  PAYMENT_UNAVAILABLE: 'پرداخت با کارت اکنون ممکن نیست. نقد بگیرید یا بعداً امتحان کنید.',
  RATE_LIMITED: 'درخواست‌ها زیاد است. کمی صبر کنید و دوباره امتحان کنید.',
  UNAVAILABLE: 'سرور مشغول است. خودکار دوباره امتحان می‌شود.',
  BODY_TOO_LARGE: 'این برای فرستادن بزرگ است. آن را تقسیم کنید.',
  MISFIT: 'این صفحه با سرور سازگار نیست. آن را دوباره بارگذاری کنید و اگر ماند با پشتیبانی تماس بگیرید.',
  FETCHED_ANEW: 'داده‌ها از نو دریافت می‌شود. می‌توانید به کار ادامه دهید.',
  ALREADY_APPLIED: 'این کار پیش از پس گرفتن انجام شده بود. به جای آن اصلاحیه ثبت کنید.',
  REQUEST_IN_PROGRESS: 'همین کار در حال انجام است. کمی بعد دوباره امتحان کنید.',
  unknown: 'مشکلی پیش آمد. دوباره امتحان کنید و اگر ماند با پشتیبانی تماس بگیرید.',
};

const ar: Catalog = {
  OFFLINE_UNAVAILABLE: 'هذا يحتاج إلى اتصال. اتصل ثم أعد المحاولة.',
  NETWORK_ERROR: 'تعذّر الوصول إلى الخادم. تحقق من الاتصال وأعد المحاولة.',
  TIMEOUT: 'يستغرق هذا وقتًا أطول من المعتاد. سيستمر تلقائيًا.',
  INVALID_ARGUMENT: 'بعض ما أُدخل غير صالح. تحقق منه وأعد المحاولة.',
  VALIDATION_FAILED: 'بعض ما أُدخل غير صالح. تحقق منه وأعد المحاولة.',
  NOT_FOUND: 'لم يعد هذا موجودًا. حدّث القائمة.',
  ALREADY_EXISTS: 'هذا موجود بالفعل. افتحه بدلًا من إنشائه مرة أخرى.',
  REFUSED: 'هذا غير ممكن الآن. تحقق من حالته الحالية.',
  QUEUE_FULL: 'عمليات كثيرة دون اتصال أو لا مساحة على هذا الجهاز. يُرجى الاتصال للمزامنة.',
  BUSY: 'شخص آخر مشغول بهذا. أعد المحاولة بعد لحظة.',
  STORE_CORRUPT: 'لا يمكن قراءة بيانات هذا الجهاز. اتصل بالدعم قبل مسح أي شيء.',
  STORE_FAILED: 'لم يتمكن هذا الجهاز من حفظ التغيير. أعد تحميل الصفحة وحاول مجددًا.',
  STORE_TAKEN: 'علامة تبويب أخرى تحتفظ بالبيانات ولا تستجيب. أغلقها وأعد تحميل هذه الصفحة.',
  SIGNED_OUT: 'لقد سجّلت الخروج. سجّل الدخول وأعد المحاولة.',
  CLOSED: 'أُغلقت هذه الصفحة. أعد تحميلها.',
  UNAUTHENTICATED: 'انتهت صلاحية تسجيل دخولك. سجّل الدخول مجددًا؛ لم يُفقد شيء.',
  FORBIDDEN: 'لا يُسمح لك بهذا. اطلب من المدير.',
  VERSION_CONFLICT: 'غيّر شخص آخر هذا في الأثناء. قارن واختر.',
  INVALID_STATE_TRANSITION: 'تغيّرت حالة هذا في الأثناء. تحقق من حالته الحالية.',
  IDEMPOTENCY_KEY_REUSED: 'أُرسل هذا من قبل بمحتوى آخر. تحقق منه وأرسله كعملية جديدة.',
  IDEMPOTENCY_KEY_EXPIRED: 'انتظر هذا طويلًا فلا يمكن إرساله بأمان. تحقق مما إذا كان لا يزال مطلوبًا.',
  DEPENDENCY_FAILED: 'رُفض ما يعتمد عليه هذا. عالج ذلك أولًا.',
  ONLINE_ONLY: 'هذا يحتاج إلى اتصال. اتصل ثم أعد المحاولة.',
  PAYMENT_UNAVAILABLE: 'الدفع بالبطاقة غير متاح الآن. اقبل النقد أو حاول لاحقًا.',
  RATE_LIMITED: 'طلبات كثيرة. انتظر لحظة وأعد المحاولة.',
  UNAVAILABLE: 'الخادم مشغول. ستُعاد المحاولة تلقائيًا.',
  BODY_TOO_LARGE: 'هذا أكبر من أن يُرسل. قسّمه.',
  MISFIT: 'هذه الصفحة لا تتوافق مع الخادم. أعد تحميلها، واتصل بالدعم إن استمر الأمر.',
  FETCHED_ANEW: 'تُجلب البيانات من جديد. يمكنك متابعة العمل.',
  ALREADY_APPLIED: 'نُفّذ هذا قبل أن يُمكن التراجع عنه. سجّل تصحيحًا بدلًا من ذلك.',
  REQUEST_IN_PROGRESS: 'العملية نفسها قيد التنفيذ الآن. أعد المحاولة بعد لحظة.',
  unknown: 'حدث خطأ ما. أعد المحاولة، واتصل بالدعم إن استمر.',
};

const catalogs: Readonly<Record<Locale, Catalog>> = { en, fa, ar };

/** Codes that say the same to whoever stands before the screen. */
const sameWords: Readonly<Record<string, string>> = {
  MALFORMED_JSON: 'MISFIT',
  INVALID_PARAMETER: 'MISFIT',
  IDEMPOTENCY_KEY_INVALID: 'MISFIT',
  CURSOR_INVALID: 'MISFIT',
  CURSOR_MISMATCH: 'MISFIT',
  METHOD_NOT_ALLOWED: 'MISFIT',
  UNSUPPORTED_MEDIA_TYPE: 'MISFIT',
  UNKNOWN_COMMAND_TYPE: 'MISFIT',
  DEPENDENCY_CYCLE: 'MISFIT',
  IDEMPOTENCY_DUPLICATE: 'IDEMPOTENCY_KEY_REUSED',
  DEVICE_CLONED: 'FETCHED_ANEW',
  EPOCH_CHANGED: 'FETCHED_ANEW',
  CURSOR_EXPIRED: 'FETCHED_ANEW',
  BATCH_TOO_LARGE: 'BODY_TOO_LARGE',
  INTERNAL_ERROR: 'UNAVAILABLE',
};

function codeOfStatus(status: number | undefined): string {
  if (status === undefined) return 'unknown';
  if (status === 401) return 'UNAUTHENTICATED';
  if (status === 403) return 'FORBIDDEN';
  if (status === 404) return 'NOT_FOUND';
  if (status === 409 || status === 412) return 'VERSION_CONFLICT';
  if (status === 413) return 'BODY_TOO_LARGE';
  if (status === 429) return 'RATE_LIMITED';
  if (status === 400 || status === 422) return 'VALIDATION_FAILED';
  return status >= 500 ? 'UNAVAILABLE' : 'unknown';
}

function isErrorLike(error: unknown): error is OutpostErrorLike {
  return typeof error === 'object' && error !== null && typeof (error as { code?: unknown }).code === 'string';
}

/** Any error as a sentence for the person in front of the screen. */
export function messageOf(error: unknown, locale: Locale = 'en'): string {
  const catalog = catalogs[locale];
  const fallback = catalog['unknown'] ?? '';
  if (!isErrorLike(error)) return fallback;
  const codes = [error.problem?.code, error.code, codeOfStatus(error.status ?? error.problem?.status)];
  for (const code of codes) {
    if (code === undefined) continue;
    const words = Object.hasOwn(sameWords, code) ? sameWords[code] : code;
    const message = words !== undefined && Object.hasOwn(catalog, words) ? catalog[words] : undefined;
    if (message !== undefined) return message;
  }
  return fallback;
}

/** "rtl" for Persian and Arabic. */
export function directionOf(locale: Locale): 'ltr' | 'rtl' {
  return locale === 'en' ? 'ltr' : 'rtl';
}

/** The page's language, if it is one of these. */
export function pageLocale(): Locale {
  const lang = typeof document === 'undefined' ? '' : document.documentElement.lang.toLowerCase();
  return lang.startsWith('fa') ? 'fa' : lang.startsWith('ar') ? 'ar' : 'en';
}
