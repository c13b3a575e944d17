import type { Messages } from './index';

const JUST_NOW = 'たった今';

export const ja: Messages = {
  common: {
    separator: ' · ',
    details: '詳細',
    cancel: 'キャンセル',
    copy: 'コピー',
    copied: 'コピーしました',
    copyWhat: (what) => `${what}をコピー`,
    copyByHand: '選択しました。Ctrl+C でコピーできます',
    showPassword: 'パスワードを表示',
    hidePassword: 'パスワードを隠す',
    tryNow: '今すぐ再試行',
    trying: '試しています…',
    dismiss: '閉じる',
    notGiven: '未登録',
    sentences: (first, second) => `${first}${second}`,
  },
  notices: {
    refused: '操作を完了できませんでした。もう一度お試しください。',
    disconnected: '画面がアプリ本体に接続できません。アプリを終了して、もう一度起動してください。',
    panicked: 'アプリの一部で問題が発生しました。セッションは無事です。アプリの再起動をおすすめします。',
    logs: '記録は次のフォルダーにあります。',
  },
  restoring: {
    title: '起動しています',
    reading: 'キーチェーンからセッションを読み込んでいます…',
  },
  unavailable: {
    causes: {
      locked: {
        title: 'キーチェーンがロックされています',
        text: 'サインイン中のセッションは、キーチェーンに保存されています。ロックを解除すると、そのまま続けられます。',
        steps: ['「ロックを解除」を押すと、キーチェーンのパスワードの入力をシステムが求めます。通常は、このコンピューターへのログインに使うパスワードです。このアプリがそのパスワードを知ることはありません。'],
      },
      absent: {
        title: 'キーチェーンが見つかりません',
        text: 'セッションはシステムのキーチェーンに保存しますが、キーチェーンが動いていません。',
        steps: [
          'Linux では、gnome-keyring、KWallet、KeePassXC（Secret Service 連携を有効にしたもの）のいずれかをインストールして起動し、「もう一度確認」を押してください。',
          '「今回だけ続ける」こともできます。何も保存されず、次回の起動時にもう一度サインインが必要です。',
        ],
      },
      denied: {
        title: 'キーチェーンへのアクセスが拒否されました',
        text: 'このアプリはキーチェーンの読み取りを許可されませんでした。そのため、サインイン中かどうかを確認できません。',
        steps: [
          '「もう一度確認」を押し、システムから確認を求められたら許可してください。何も表示されない場合は、キーチェーンの設定でこのアプリの権限を確認してください。',
          '「今回だけ続ける」こともできます。何も保存されず、次回の起動時にもう一度サインインが必要です。',
        ],
      },
      corrupt: {
        title: '保存されたセッションを読み取れません',
        text: 'キーチェーンは動いていますが、このアプリのために保存された内容が壊れています。',
        steps: ['もう一度サインインすると、新しい内容に置き換わります。それまでは何も削除されません。'],
      },
      newer: {
        title: '新しいバージョンのセッションがあります',
        text: '保存されたセッションは、このアプリの新しいバージョンで作成されたものです。そのまま残してあります。',
        steps: [
          'そのセッションを続けるには、アプリを更新してください。',
          '「今回だけ続ける」こともできます。何も保存されず、次回の起動時にもう一度サインインが必要です。',
        ],
      },
      silent: {
        title: 'キーチェーンが応答しません',
        text: '別のウィンドウで操作を待っている可能性があります。システムの確認画面が出ていないかご確認ください。応答があり次第、自動的に続けます。',
        steps: ['「今回だけ続ける」こともできます。何も保存されず、次回の起動時にもう一度サインインが必要です。'],
      },
    },
    unlock: 'ロックを解除',
    unlocking: 'キーチェーンを待っています…',
    lookAgain: 'もう一度確認',
    looking: '確認しています…',
    thisRunOnly: '今回だけ続ける',
    signInAgain: 'もう一度サインイン',
  },
  signIn: {
    title: 'サインイン',
    username: 'ユーザー名またはメールアドレス',
    password: 'パスワード',
    submit: 'サインイン',
    working: 'サインインしています…',
    needUsername: 'ユーザー名またはメールアドレスを入力してください。',
    needPassword: 'パスワードを入力してください。',
    thisRunOnly: 'このセッションは今回だけ有効です。次回の起動時に、もう一度サインインが必要です。',
    replaces: 'サインインが完了すると、読み取れなかったセッションは新しいものに置き換わります。',
    endpointOverride: (endpoint) => `通信先は、プール本来のアドレスではなく ${endpoint} です。`,
  },
  ended: {
    byPool: 'セッションが終了しました',
    byUser: 'サインアウトしました',
    telling: 'ユーザープールに通知しています。',
    revoked: 'ユーザープール側のセッションも終了しました。',
    everywhere: 'すべてのデバイスからサインアウトしました',
    everywhereRevoked: 'ユーザープール上のすべてのセッションを終了しました。ほかのデバイスで使用中のアクセストークンは、有効期限まで使える場合があります。',
    failed: (what) =>
      `ユーザープールに通知できなかったため、プール側ではセッションが期限まで残る可能性があります。${what}`,
    cleared: 'キーチェーンには何も残っていません。',
    notCleared: 'キーチェーンの項目は、まだ削除されていません。',
  },
  newPassword: {
    title: '新しいパスワードの設定',
    lead: (username) => `続けるには、${username} さんの新しいパスワードが必要です。`,
    password: '新しいパスワード',
    repeat: '新しいパスワード（確認）',
    missing: '次の項目も必要です',
    submit: '設定してサインイン',
    working: '設定しています…',
    needPassword: '新しいパスワードを入力してください。',
    needRepeat: '確認のため、もう一度入力してください。',
    different: '2つのパスワードが一致していません。',
    needAttribute: (label) => `${label}を入力してください。`,
    rules: 'パスワードの条件',
    met: '達成',
    notMet: '未達成',
    policy: {
      length: (count) => `${count}文字以上`,
      lowercase: '英小文字（a〜z）を含む',
      uppercase: '英大文字（A〜Z）を含む',
      number: '数字（0〜9）を含む',
      symbol: '記号（! ? # など。途中の空白も可）を含む',
    },
    rulesNotMet: 'パスワードがまだすべての条件を満たしていません。',
  },
  code: {
    title: 'コードの入力',
    leads: {
      authenticator: (device) =>
        device === null ? '認証アプリを開き、このアカウントのコードを入力してください。' : `認証アプリ（${device}）を開き、このアカウントのコードを入力してください。`,
      sms: (to) => (to === null ? 'SMS でコードを送信しました。' : `${to} に SMS でコードを送信しました。`),
      email: (to) => (to === null ? 'メールでコードを送信しました。' : `${to} にメールでコードを送信しました。`),
    },
    labels: {
      authenticator: '認証アプリのコード',
      sms: 'SMS で届いたコード',
      email: 'メールで届いたコード',
    },
    hint: 'コードは30秒ごとに変わります。続けて拒否される場合は、スマートフォンの時刻が正しいかご確認ください。',
    submit: '続ける',
    working: 'コードを確認しています…',
    need: 'コードを入力してください。',
    digitsOnly: 'コードは数字だけで入力してください。',
    resend: 'コードを再送信',
    resending: '送信しています…',
    resendIn: (seconds) => `コードを再送信（あと${seconds}秒）`,
    resent: {
      sms: (to) => (to === null ? '新しいコードを送信しました。' : `${to} に新しいコードを送信しました。`),
      email: (to) => (to === null ? '新しいコードを送信しました。' : `${to} に新しいコードを送信しました。`),
    },
    begunAgain: {
      what: '制限時間を過ぎたため、サインインを自動的にやり直しました。',
      newest: '最新のコードを入力してください。',
    },
    back: 'サインインに戻る',
    fill: (code) => `コード ${code} を入力`,
  },
  attributes: {
    name: '氏名',
    given_name: '名',
    family_name: '姓',
    middle_name: 'ミドルネーム',
    nickname: 'ニックネーム',
    preferred_username: '希望するユーザー名',
    profile: 'プロフィールページの URL',
    picture: '画像の URL',
    website: 'ウェブサイトの URL',
    email: 'メールアドレス',
    phone_number: '電話番号',
    gender: '性別',
    birthdate: '生年月日',
    zoneinfo: 'タイムゾーン',
    locale: '言語',
    address: '住所',
  },
  attributeHints: {
    phone_number: '国番号を付けて入力してください（例：+81312345678）',
    birthdate: '年-月-日の順に入力してください（例：1990-04-23）',
    zoneinfo: '例：Asia/Tokyo',
    locale: '例：ja-JP、en',
  },
  challenge: {
    title: 'このアプリがまだ対応していない手順があります',
    text: (what) => `ユーザー名とパスワードは正しいものでした。ユーザープールは続いて${what}を求めています。`,
    next: 'このバージョンのアプリでは対応できません。この手順が不要なアカウントを使うか、管理者に解除を依頼するか、新しいバージョンをご確認ください。',
    rawName: 'Cognito での名称',
    back: 'サインインに戻る',
    names: {
      SMS_MFA: 'SMS で届くコード',
      EMAIL_OTP: 'メールで届くコード',
      SMS_OTP: 'SMS で届くコード',
      SOFTWARE_TOKEN_MFA: '認証アプリのコード',
      SELECT_MFA_TYPE: '二段階目の認証方法の選択',
      MFA_SETUP: '二段階認証の設定',
      SELECT_CHALLENGE: 'サインイン方法の選択',
      CUSTOM_CHALLENGE: 'プールの運営者が定めた質問への回答',
      DEVICE_SRP_AUTH: '登録済みの端末であることの証明',
      DEVICE_PASSWORD_VERIFIER: '登録済みの端末であることの証明',
      PASSWORD: 'パスワードの再入力',
      PASSWORD_SRP: 'パスワードの再入力',
      PASSWORD_VERIFIER: 'パスワードの証明',
      ADMIN_NO_SRP_AUTH: '管理者だけが行えるサインイン',
      WEB_AUTHN: 'パスキー',
    },
    unknown: 'このバージョンが知らない手順',
  },
  account: {
    navigation: 'ページ',
    title: 'アカウント',
    verified: '確認済み',
    notVerified: '未確認',
    profile: 'プロフィール',
    name: '名前',
    email: 'メールアドレス',
    username: 'ユーザー名',
    sub: 'ユーザー ID',
    groups: 'グループ',
    noGroups: '所属しているグループはありません。グループによって、アプリでできることが変わる場合があります。追加はプールの管理者が行います。',
    session: 'セッション',
    signedInAs: (name) => `${name} さんとしてサインイン中`,
    renewed: (ago) => (ago === JUST_NOW ? `${ago}更新` : `${ago}に更新`),
    next: (when) => `次回は${when}`,
    renewingNow: '更新しています',
    tryingAgain: (when) => `${when}に再試行`,
    tryingNow: '再試行しています',
    since: 'サインイン',
    renewedAt: '最終更新',
    nextRenewal: '次回の更新',
    expires: 'アクセストークンの期限',
    expired: 'アクセストークンの期限切れ',
    kept: '保存先',
    pool: 'ユーザープール',
    client: 'アプリクライアント',
    storages: {
      keychain: 'システムのキーチェーン',
      unsaved: '未保存',
      thisRunOnly: '保存しない（今回だけ）',
    },
    stay: 'サインインしたままです。',
    nextTry: (when) => `次の再試行は${when}です。`,
    unsaved: 'セッションが保存されていません。今終了すると、サインアウトされます。',
    unsavedNext: 'キーチェーンがまだ受け付けていません。保存は自動的に繰り返します。',
    thisRunOnly: 'このセッションは今回だけ有効です。',
    thisRunOnlyNext: '次回の起動時に、もう一度サインインが必要です。',
    signOut: 'サインアウト',
    signOutLead: 'このアプリとユーザープールの両方で、セッションを終了します。',
    signOutQuestion: 'サインアウトしますか？',
    signOutConsequence: '再びサインインするには、パスワードが必要です。',
    stayHere: 'サインインを続ける',
    signOutEverywhere: 'すべてのデバイスからサインアウト',
    everywhereConsequence:
      '「すべてのデバイス」を選ぶと、サインイン中のほかのデバイスのセッションも終了します。ほかのデバイスで使用中のアクセストークンは、有効期限まで（通常は1時間以内）使える場合があります。',
    everywhereRunning: 'すべてのデバイスからサインアウトしています…',
    everywhereFailed: 'すべてのデバイスからのサインアウトは完了していません。',
    everywhereAgain: 'もう一度試す',
    hereOnly: 'このパソコンだけサインアウト',
    again: '再サインインの期限',
    againSoon: (when) => `${when}に、もう一度サインインが必要になります。`,
    againSoonNext: 'この時刻になると、プールがセッションを終了します。その前にサインインし直すと、期限が延びます。',
  },
  warnings: {
    secretCompiledIn: {
      what: 'クライアントシークレットがプログラムに組み込まれています。',
      next: 'プログラムを持つ人なら誰でも読み取れます。シークレットのないアプリクライアントをお使いください。',
    },
  },
  faults: {
    unreachable: {
      what: 'ユーザープールに接続できません。',
      next: 'ネットワーク接続を確認して、もう一度お試しください。',
    },
    timedOut: {
      what: 'ユーザープールからの応答が時間内にありませんでした。',
      next: '通信が遅い可能性があります。少し待ってから、もう一度お試しください。',
    },
    certificateUntrusted: {
      what: 'サーバーの証明書が信頼されていません。',
      next: '暗号化通信を検査するネットワークをお使いの場合は、管理者から証明書を受け取り、AWS_CA_BUNDLE に指定してください。',
    },
    proxyRefused: {
      what: '途中のプロキシに接続を拒否されました。',
      next: 'プロキシの認証が必要な可能性があります。HTTPS_PROXY の設定値を管理者にご確認ください。',
    },
    notThePool: {
      what: 'ユーザープールではない相手から応答がありました。',
      next: '公衆ネットワークをお使いの場合は、先にブラウザーで利用規約に同意してから、もう一度お試しください。',
    },
    throttled: {
      what: 'ユーザープールへのアクセスが集中しています。',
      next: '1分ほど待ってから、もう一度お試しください。',
    },
    poolTrouble: {
      what: 'ユーザープール側で問題が発生しています。',
      next: 'こちらで変更することはありません。数分後にもう一度お試しください。',
    },
    wrongCredentials: {
      what: 'ユーザー名またはパスワードが正しくありません。',
      next: '両方を確認して、もう一度お試しください。',
    },
    tooManyAttempts: {
      what: '試行回数が多すぎます。',
      next: '数分待ってからお試しください。その前に試すと、待ち時間が長くなります。',
    },
    userDisabled: {
      what: 'このアカウントは管理者によって無効にされています。',
      next: '有効にするよう、管理者に依頼してください。',
    },
    userNotConfirmed: {
      what: 'このアカウントはまだ確認が済んでいません。',
      next: '登録した画面で、登録時に届いたコードを入力するか、管理者に確認を依頼してください。',
    },
    passwordResetRequired: {
      what: 'このアカウントはパスワードの再設定が必要です。',
      next: 'このアプリではまだ再設定できません。アカウントを管理する画面で再設定するか、管理者に依頼してください。',
    },
    passwordRejected: {
      what: 'このパスワードは、プールの条件を満たしていません。',
      next: 'もっと長いものか、大文字・小文字・数字・記号を組み合わせたものにしてください。',
    },
    passwordReused: {
      what: 'このパスワードは以前に使われています。',
      next: '新しいパスワードにしてください。',
    },
    attributeRejected: {
      what: '入力した項目のうち、プールが受け付けないものがあります。',
      next: '内容を確認して、もう一度お試しください。',
    },
    codeWrong: {
      what: 'コードが正しくありません。',
      next: 'ご確認のうえ、もう一度入力してください。',
    },
    codeExpired: {
      what: 'このコードは有効期限が切れています。',
      next: '新しいコードを入力してください。',
    },
    codeUsed: {
      what: 'このコードはすでに使用されています。',
      next: '認証アプリに次のコードが表示されるまで（最長30秒）お待ちのうえ、そのコードを入力してください。',
    },
    codeNotSent: {
      what: 'コードを送信できませんでした。',
      next: 'しばらくしてからもう一度お試しください。解決しない場合は、管理者にお問い合わせください。',
    },
    secondFactorMissing: {
      what: 'このアカウントには2段階認証が必要ですが、利用できる認証方法が登録されていません。',
      next: '認証方法の登録を管理者に依頼してください。',
    },
    challengeExpired: {
      what: 'サインインの途中で制限時間を過ぎました。',
      next: '最初からもう一度サインインしてください。',
    },
    refusedByRule: {
      what: 'プールの運営者が定めた規則により拒否されました。',
      next: '理由は、運営者の言葉で「詳細」に表示されます。解決しない場合は、管理者にお問い合わせください。',
    },
    signInRefused: {
      what: 'ユーザープールがサインインを拒否しました。理由は示されていません。',
      next: '下の「詳細」を添えて、管理者にお問い合わせください。',
    },
    refreshTokenExpired: {
      what: 'ユーザープールが定めるセッションの期限に達しました。',
      next: '続けるには、もう一度サインインしてください。',
    },
    refreshTokenRevoked: {
      what: '別の端末または管理者によって、セッションが終了されました。',
      next: '続けるには、もう一度サインインしてください。',
    },
    refreshTokenReused: {
      what: '置き換え済みの鍵が再び使われたため、ユーザープールがセッションを終了しました。',
      next: 'もう一度サインインしてください。心当たりがない場合は、パスワードを変更してください。',
    },
    userGone: {
      what: 'このアカウントは存在しなくなりました。',
      next: '心当たりがない場合は、管理者にお問い合わせください。',
    },
    renewalRefused: {
      what: 'ユーザープールがセッションの更新を拒否しました。理由は示されていません。',
      next: 'もう一度サインインしてください。それもできない場合は、管理者にお問い合わせください。',
    },
    refusalUnconfirmed: {
      what: 'セッションの更新が拒否されましたが、キーチェーンを読み取れないため、まだ確定していません。',
      next: 'キーチェーンに新しいトークンがある可能性があります。ロックを解除してから、もう一度お試しください。',
    },
    accessTokenRevoked: {
      what: 'このセッションのアクセストークンは無効になっています。',
      next: 'このパソコンでサインアウトし、もう一度サインインしてください。',
    },
    scopeMissing: {
      what: 'トークンにスコープ aws.cognito.signin.user.admin がないため、この操作はできません。',
      next: 'このアプリクライアントにスコープを許可するよう、プールの管理者に依頼してください。',
    },
    poolUnknown: {
      what: 'このリージョンに該当するユーザープールはありません。',
      next: 'アプリを設定した方に、COGNITO_ISSUER の確認を依頼してください。',
    },
    clientUnknown: {
      what: 'このアプリのクライアント ID は、ユーザープールに登録されていません。',
      next: 'アプリを設定した方は、COGNITO_CLIENT_ID がこのプールのアプリクライアントと一致しているか確認してください。',
    },
    clientSecretMissing: {
      what: 'クライアントシークレットが必要ですが、設定されていません。',
      next: 'アプリを設定した方は、COGNITO_CLIENT_SECRET を設定するか、シークレットのないアプリクライアントを使ってください。',
    },
    clientSecretWrong: {
      what: 'クライアントシークレットが正しくありません。',
      next: 'アプリを設定した方は、COGNITO_CLIENT_SECRET を修正してください。アプリクライアントにシークレットがない場合は、設定を削除してください。',
    },
    flowNotEnabled: {
      what: 'アプリクライアントで、パスワードによるサインインが許可されていません。',
      next: 'プールの運営者は、このアプリクライアントの ALLOW_USER_SRP_AUTH を有効にしてください。',
    },
    parameterRejected: {
      what: 'アプリが送った内容の一部を、ユーザープールが受け付けませんでした。',
      next: '「詳細」の内容を、アプリを設定した方にお伝えください。',
    },
    blocked: {
      what: 'ユーザープールの手前にあるファイアウォールに拒否されました。',
      next: '別のネットワークで試すか、このネットワークを許可するよう管理者に依頼してください。',
    },
    triggerFailed: {
      what: 'サインイン時にユーザープールが実行するプログラムが失敗しました。',
      next: '「詳細」の内容を、プールの運営者にお伝えください。',
    },
    operationUnavailable: {
      what: 'このアプリに必要な機能が、ユーザープールにありません。',
      next: '「詳細」の内容を、プールの運営者にお伝えください。',
    },
    answerUnusable: {
      what: 'ユーザープールからの応答を利用できませんでした。',
      next: '「詳細」の内容を、プールの運営者にお伝えください。',
    },
  },
  misconfigured: {
    title: 'アプリの設定が必要です',
    lead: (count) => `サインインするには、次の${count}件の設定を直す必要があります。`,
    value: '値',
    notSet: '未設定',
    notShown: '秘密の値の可能性があるため表示しません',
    fix: '対処',
    example: '例',
    configFile: '設定ファイルを使う場合の場所',
    restart: '設定を変更したら、アプリを再起動してください。',
    sources: {
      environment: '環境変数から',
      configFile: '設定ファイルから',
      compiledIn: '組み込みの設定（tauri.conf.json）から',
      development: '開発用プールの既定値',
    },
    problems: {
      missing: (_, setting) => ({
        what: '必須の設定ですが、値がありません。',
        fix: setting === 'COGNITO_CLIENT_ID'
          ? 'アプリクライアントの ID を設定してください。AWS コンソールの「アプリクライアント」に表示されます。'
          : 'ユーザープールの発行者（issuer）を設定してください。https、リージョンの Cognito のホスト、プール ID の順に並べます。',
      }),
      notAUrl: () => ({
        what: 'URL ではありません。',
        fix: 'https:// から始まる完全な形で書いてください。',
      }),
      notHttps: () => ({
        what: 'https で始まっていません。',
        fix: 'https を使ってください。http が使えるのは、このコンピューター（127.0.0.1 または localhost）だけです。',
      }),
      noPoolId: () => ({
        what: '末尾がプール ID ではありません。',
        fix: 'パスとしてプール ID を付けてください。プール ID は、リージョン、アンダースコア、英数字の順に並びます。',
      }),
      unknownHost: ({ host }) => ({
        what: `${host} は Amazon Cognito のホストではありません。`,
        fix: 'ホストには cognito-idp.<リージョン>.amazonaws.com を使ってください。プールが本当に別の場所にある場合は、AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER も設定してください。',
      }),
      regionMismatch: ({ hostRegion, poolRegion }) => ({
        what: `ホストのリージョンは ${hostRegion} ですが、プール ID のリージョンは ${poolRegion} です。`,
        fix: `どちらかが間違っています。プール ID が正しければ、ホストは cognito-idp.${poolRegion}.amazonaws.com です。`,
      }),
      unexpectedPart: () => ({
        what: '不要な部分（「?」や「#」以降、またはユーザー名）が含まれています。',
        fix: 'ホストとパスだけにしてください。',
      }),
      clientIdForm: () => ({
        what: 'クライアント ID の形式ではありません。',
        fix: 'クライアント ID は英数字だけです。AWS コンソールの「アプリクライアント」からコピーしてください。',
      }),
      clientSecretForm: () => ({
        what: 'クライアントシークレットの形式ではありません。空白など、使われない文字が含まれています。',
        fix: 'AWS コンソールからもう一度コピーしてください。アプリクライアントにシークレットがない場合は、設定を削除してください。',
      }),
      fileUnreadable: ({ reason }) => ({
        what: `ファイルを読み取れません：${reason}`,
        fix: 'ファイルがあること、読み取る権限があることを確認してください。不要な場合は設定を削除してください。',
      }),
      noCertificates: () => ({
        what: 'このファイルに証明書がありません。',
        fix: 'BEGIN CERTIFICATE の行がある PEM 形式でなければなりません。管理者からその形式で受け取ってください。',
      }),
      configFileForm: ({ reason }) => ({
        what: `内容を解釈できません：${reason}`,
        fix: '全体を 1つの JSON オブジェクトとし、値は二重引用符で囲んだ文字列にしてください。',
      }),
      unknownSetting: ({ name }) => ({
        what: `「${name}」という設定はありません。`,
        fix: 'つづりを直すか、削除してください。使える設定は issuer、clientId、clientSecret、endpoint、passwordPolicy、refreshTokenValidity です。',
      }),
      proxyForm: () => ({
        what: 'プロキシのアドレスではありません。',
        fix: 'http://ホスト:ポート の形で書くか、設定を削除してください。',
      }),
      passwordPolicyForm: ({ reason }) => ({
        what: `パスワードポリシーとして解釈できません：${reason}`,
        fix: 'minimumLength（6〜99）と、true または false の requireLowercase、requireUppercase、requireNumbers、requireSymbols を持つオブジェクトで指定してください。',
      }),
      validityForm: () => ({
        what: 'リフレッシュトークンの有効期間として正しくありません。',
        fix: '「30 days」のように、数値と days・hours・minutes のいずれかで指定してください（60分〜10年）。',
      }),
    },
  },
  connect: {
    title: 'ユーザープールへの接続',
    lead: 'サインインに使う Amazon Cognito のユーザープールを指定してください。接続を確認してから保存します。',
    changeTitle: 'ユーザープールの変更',
    changeLead: '新しいプールを確認できるまで、現在のプールをそのまま使用します。',
    pool: 'ユーザープール',
    poolHint: (example) => `例：${example}、または発行者の URL`,
    clientId: 'クライアント ID',
    hasSecret: 'クライアントシークレットを使用する',
    clientSecret: 'クライアントシークレット',
    clientSecretHint:
      'デスクトップアプリでは、シークレットのないアプリクライアントの使用をおすすめします。利用者のコンピューターに置いた値は、秘密にしておけないためです。入力した値はシステムのキーチェーンに保存し、ファイルには書き込みません。',
    showSecret: 'シークレットを表示',
    hideSecret: 'シークレットを隠す',
    submit: '接続',
    asking: 'ユーザープールに問い合わせています…',
    where: 'どちらの値も、AWS コンソールの「ユーザープール」で対象のプールを開くと確認できます。クライアント ID は、その中の「アプリクライアント」にあります。',
    shipping: 'アプリを配布する場合は、環境変数 COGNITO_ISSUER と COGNITO_CLIENT_ID でも設定できます。',
    found: '使用できない設定が見つかりました',
    current: (pool) => `ユーザープール：${pool}`,
    change: '変更',
    forget: 'このプールの設定を削除',
    forgetQuestion: (pool) => `${pool} の設定を削除しますか？`,
    forgetConsequence:
      '発行者とクライアント ID、保存されている場合はクライアントシークレットも、このコンピューターから削除します。プール自体は変更されません。',
    keep: '削除しない',
    confirmForget: '削除',
    forgetting: '削除しています…',
    notForgotten: 'プールの設定を削除できませんでした。',
    form: {
      missing: {
        pool: 'プール ID または発行者の URL を入力してください。',
        clientId: 'クライアント ID を入力してください。',
        clientSecret: 'クライアントシークレットを入力してください。シークレットがない場合は、チェックを外してください。',
      },
      noPoolId: (example) => ({
        what: 'プール ID が含まれていません。',
        next: `プール ID は、${example} のように、リージョン、アンダースコア、英数字の順に並びます。発行者の URL は、末尾がプール ID です。`,
      }),
      clientSecretForm: {
        what: 'クライアントシークレットの形式ではありません。空白など、使われない文字が含まれています。',
        next: 'AWS コンソールからもう一度コピーしてください。シークレットがない場合は、チェックを外してください。',
      },
    },
    faults: {
      poolUnknown: ({ where }) => ({
        what: `このユーザープールは ${where} にありません。`,
        next: 'プール ID と、その先頭にあるリージョンを確認してください。',
      }),
      unreachable: ({ host }) => ({
        what: `${host} に接続できません。`,
        next: 'リージョンが間違っているか、ネットワークに接続していない可能性があります。両方を確認して、もう一度お試しください。',
      }),
      timedOut: ({ host }) => ({
        what: `${host} からの応答が時間内にありませんでした。`,
        next: '通信が遅い可能性があります。少し待ってから、もう一度お試しください。',
      }),
      certificateUntrusted: ({ host }) => ({
        what: `${host} の証明書が信頼されていません。`,
        next: '暗号化通信を検査するプロキシを経由している可能性があります。管理者から証明書を受け取り、そのファイルを AWS_CA_BUNDLE に指定して、アプリを再起動してください。',
      }),
      proxyRefused: ({ host }) => ({
        what: `プロキシが ${host} への接続を拒否しました。`,
        next: 'ユーザー名とパスワードが必要なプロキシかもしれません。HTTPS_PROXY に指定する値を、管理者にお問い合わせください。',
      }),
      notThePool: ({ host }) => ({
        what: `${host} ではない相手から応答がありました。`,
        next: 'プロキシや、公衆ネットワークのログイン画面につながっている可能性があります。先にブラウザーでウェブページを開いてから、もう一度お試しください。',
      }),
      clientUnknown: (_) => ({
        what: 'このクライアント ID は、ユーザープールに登録されていません。',
        next: 'AWS コンソールで、このプールの「アプリクライアント」に表示される値と一致しているか確認してください。',
      }),
      clientSecretMissing: (_) => ({
        what: 'このアプリクライアントにはシークレットがあります。',
        next: 'ここに入力するか、シークレットのないアプリクライアントを使ってください。',
      }),
      clientSecretWrong: (_) => ({
        what: 'クライアントシークレットが正しくありません。',
        next: 'AWS コンソールからもう一度コピーしてください。シークレットがない場合は、チェックを外してください。',
      }),
      flowNotEnabled: (_) => ({
        what: 'このアプリクライアントでは、パスワードによるサインインが許可されていません。',
        next: 'AWS コンソールでアプリクライアントを編集し、認証フローの ALLOW_USER_SRP_AUTH を有効にしてください。',
      }),
    },
    otherIssuer: (issuer) => ({
      what: `応答したプールの発行者は ${issuer} です。`,
      next: '使用するプールがこれで正しければ、この URL を入力してください。違う場合は、プール ID を確認してください。AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER を設定している場合は、その値も確認してください。',
    }),
    notSaved: 'プールは確認できましたが、設定を保存できませんでした。',
    fileNotWritten: (path, reason) => `${path} に書き込めません：${reason}`,
    secretNotKept:
      'プールは確認できましたが、クライアントシークレットをキーチェーンに保存できませんでした。設定は何も保存していません。',
    keychain: {
      locked: 'キーチェーンがロックされています。ロックを解除して、もう一度お試しください。',
      absent:
        'キーチェーンが動いていません。Linux では、gnome-keyring、KWallet、KeePassXC のいずれかを起動して、もう一度お試しください。シークレットのないアプリクライアントなら、キーチェーンがなくても接続できます。',
      denied:
        'このアプリはキーチェーンの使用を許可されていません。もう一度試し、システムから確認を求められたら許可してください。',
      corrupt:
        'このアプリのためにキーチェーンに保存された内容が壊れています。キーチェーンの管理画面でその項目を削除して、もう一度お試しください。',
      newer:
        'キーチェーンの内容は、このアプリの新しいバージョンで保存されたものです。アプリを更新して、もう一度お試しください。',
      silent: 'キーチェーンが応答しません。システムの確認画面が出ていないか確認して、もう一度お試しください。',
    },
    notHere: {
      what: 'ここではユーザープールを変更できません。',
      next: '環境変数やアプリに組み込まれた設定が優先されているか、サインイン中のユーザーがいます。',
    },
  },
  development: {
    pool: '開発用プール',
    fill: (username) => `デモユーザー ${username} を入力`,
    users: 'デモユーザー',
    unavailable: 'デモユーザーを読み込めませんでした。',
  },
  time: {
    justNow: JUST_NOW,
    soon: '数秒後',
  },
};
