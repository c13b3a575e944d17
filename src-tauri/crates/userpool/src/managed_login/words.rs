//! The words of the managed login's pages, in the languages that the app has.

/// A page's language: `lang` of the request that led to it, and English for all that this pool does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Japanese,
}

impl Language {
    pub(crate) fn of(lang: Option<&str>) -> Self {
        if lang == Some("ja") { Self::Japanese } else { Self::English }
    }

    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
        }
    }

    const fn of_two(self, english: &'static str, japanese: &'static str) -> &'static str {
        match self {
            Self::English => english,
            Self::Japanese => japanese,
        }
    }

    pub(crate) const fn development(self) -> &'static str {
        self.of_two(
            "DevPool, a user pool for development. It plays Amazon Cognito's managed login.",
            "開発用ユーザープール DevPool。Amazon Cognito のマネージドログインの代わりです。",
        )
    }

    pub(crate) const fn sign_in(self) -> &'static str {
        self.of_two("Sign in", "サインイン")
    }

    pub(crate) const fn username(self) -> &'static str {
        self.of_two("User name or e-mail address", "ユーザー名またはメールアドレス")
    }

    pub(crate) const fn password(self) -> &'static str {
        self.of_two("Password", "パスワード")
    }

    pub(crate) const fn with_passkey(self) -> &'static str {
        self.of_two("Sign in with a passkey", "パスキーでサインイン")
    }

    /// Before the name of a provider.
    pub(crate) const fn continue_with(self) -> &'static str {
        self.of_two("Continue with", "次を使って続行:")
    }

    pub(crate) const fn code_wanted(self) -> &'static str {
        self.of_two("Enter the code", "コードを入力")
    }

    pub(crate) const fn code_field(self) -> &'static str {
        self.of_two("Code", "コード")
    }

    pub(crate) const fn authenticator_shows_it(self) -> &'static str {
        self.of_two("Your authenticator app shows it.", "認証アプリに表示されています。")
    }

    /// Before where it was sent to.
    pub(crate) const fn sent_to(self) -> &'static str {
        self.of_two("It was sent to", "送信先:")
    }

    pub(crate) const fn go_on(self) -> &'static str {
        self.of_two("Continue", "続行")
    }

    pub(crate) const fn cancel(self) -> &'static str {
        self.of_two("Cancel", "キャンセル")
    }

    pub(crate) const fn new_password(self) -> &'static str {
        self.of_two("Choose a new password", "新しいパスワードを設定")
    }

    pub(crate) const fn choose_factor(self) -> &'static str {
        self.of_two("Choose where the code comes from", "コードの受け取り方法を選択")
    }

    pub(crate) const fn passkey(self) -> &'static str {
        self.of_two("Use your passkey", "パスキーを使用")
    }

    pub(crate) const fn passkey_stands_for(self) -> &'static str {
        self.of_two(
            "This page stands for the browser's own dialogue with a passkey. No passkey is asked for anything.",
            "このページは、ブラウザーのパスキー確認画面の代わりです。実際のパスキーは使われません。",
        )
    }

    pub(crate) const fn use_passkey(self) -> &'static str {
        self.of_two("Use the passkey", "パスキーを使う")
    }

    pub(crate) const fn refuse_passkey(self) -> &'static str {
        self.of_two("Refuse", "使わない")
    }

    pub(crate) const fn passkey_refused(self) -> &'static str {
        self.of_two("The passkey was not accepted.", "パスキーで確認できませんでした。")
    }

    pub(crate) const fn add_passkey(self) -> &'static str {
        self.of_two("Add a passkey", "パスキーを追加")
    }

    pub(crate) const fn provider_stands_for(self) -> &'static str {
        self.of_two(
            "This page stands for a provider's own site, where somebody has an account and agrees that the app may \
             know of it.",
            "このページは、外部プロバイダーのサイトの代わりです。アカウント情報をアプリに渡すことに同意します。",
        )
    }

    pub(crate) const fn email(self) -> &'static str {
        self.of_two("E-mail address of the account", "アカウントのメールアドレス")
    }

    pub(crate) const fn name(self) -> &'static str {
        self.of_two("Name", "名前")
    }

    pub(crate) const fn begin_again(self) -> &'static str {
        self.of_two(
            "This sign-in cannot go on: it took too long, or this form is not its own. Begin it again from the app.",
            "このサインインは続行できません。アプリからもう一度やり直してください。",
        )
    }

    pub(crate) const fn not_played(self) -> &'static str {
        self.of_two(
            "The pool asks for something that its pages do not have. Sign in with the app itself.",
            "この手順には対応していません。アプリ内でサインインしてください。",
        )
    }

    /// Cognito's own words.
    pub(crate) const fn error(self) -> &'static str {
        self.of_two(
            "An error was encountered with the requested page.",
            "リクエストされたページでエラーが発生しました。",
        )
    }
}
