//! What the browser shows in the end: one page, without scripts, or anything to be fetched.

use super::request::Refusal;

/// The style of the page. The system's colours are dark where the browser is.
const STYLE: &str = "body{margin:20vh auto 0;padding:0 1.5rem;max-width:26rem;font:1rem/1.5 system-ui,sans-serif;\
    text-align:center}h1{font-size:1.375rem;line-height:1.3}";
/// SHA-256 of [`STYLE`] in base64, by which the policy allows it and no other.
const STYLE_HASH: &str = "Q5flKB1BIgaPY9thf1zU8tSgVT9vfekzcDVYNyydNdQ=";

/// A heading and a sentence.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// What has happened.
    pub heading: String,
    /// What to do now.
    pub text: String,
}

/// The words of the page, in the app's language. They are the app's, as all words are.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Of the words, such as `ja`.
    pub language: String,
    /// The app's name, in the title of the browser's window.
    pub title: String,
    /// For an answer that was taken: the window can be closed.
    pub done: Words,
    /// For one that was not: the app says why.
    pub failed: Words,
    /// For what is no sign-in: the browser has signed out, or has been where passkeys are added. The window can be closed.
    pub back: Words,
}

impl Page {
    pub(super) fn done(&self) -> Answer {
        Answer::new("200 OK", &self.html(&self.done))
    }

    pub(super) fn failed(&self) -> Answer {
        Answer::new("400 Bad Request", &self.html(&self.failed))
    }

    pub(super) fn back(&self) -> Answer {
        Answer::new("200 OK", &self.html(&self.back))
    }

    fn html(&self, words: &Words) -> String {
        let [language, title, heading, text] =
            [&self.language, &self.title, &words.heading, &words.text].map(|text| escaped(text));
        // The empty icon keeps the browser from asking for one.
        format!(
            "<!doctype html><html lang=\"{language}\"><meta charset=\"utf-8\"><title>{title}</title>\
             <meta name=\"viewport\" content=\"width=device-width\">\
             <meta name=\"color-scheme\" content=\"light dark\"><link rel=\"icon\" href=\"data:,\">\
             <style>{STYLE}</style><h1>{heading}</h1><p>{text}</p></html>\n"
        )
    }
}

/// A whole answer.
pub(super) struct Answer(String);

impl Answer {
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The answer to a request that nothing is said to.
    pub(super) fn of(refusal: Refusal) -> Self {
        let status = match refusal {
            Refusal::Malformed | Refusal::HasBody => "400 Bad Request",
            Refusal::OtherHost | Refusal::OtherUser | Refusal::FromAPage => "403 Forbidden",
            Refusal::OtherPath => "404 Not Found",
            Refusal::OtherMethod => "405 Method Not Allowed\r\nAllow: GET",
            Refusal::TooLong => "414 URI Too Long",
            Refusal::TooLarge => "431 Request Header Fields Too Large",
        };
        Self::new(status, "")
    }

    /// The address that is being answered has a code in it, spent or not: it is kept in no cache, told to nobody by
    /// `Referer` (RFC 9700, section 4.2.4), and no other page may hold the window or frame it.
    fn new(status: &str, html: &str) -> Self {
        Self(format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
             Cache-Control: no-store\r\n\
             Content-Security-Policy: default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'\r\n\
             Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Resource-Policy: same-origin\r\n\
             Referrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{html}",
            html.len()
        ))
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_the_apps_words_and_nothing_else_gets_into_it() {
        let page = Page {
            language: "ja".to_owned(),
            title: "App <script>".to_owned(),
            done: Words { heading: "サインインしました".to_owned(), text: "\"&'".to_owned() },
            ..Page::default()
        };
        let answer = page.done();
        let text = std::str::from_utf8(answer.as_bytes()).expect("text");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        assert!(body.contains("<html lang=\"ja\">") && body.contains("<h1>サインインしました</h1>"));
        assert!(body.contains("App &lt;script&gt;") && body.contains("<p>&quot;&amp;&#39;</p>"));
        assert!(!body.contains("<script"));
        assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())));
        for header in [
            "no-store",
            "default-src 'none'",
            "no-referrer",
            "nosniff",
            "frame-ancestors 'none'",
            "Connection: close",
        ] {
            assert!(head.contains(header), "{header}");
        }
    }

    #[test]
    fn the_policy_allows_the_style_of_the_page_and_nothing_else() {
        use base64::Engine as _;
        use sha2::{Digest as _, Sha256};
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(STYLE));
        let answer = Page::default().back();
        let text = std::str::from_utf8(answer.as_bytes()).expect("text");
        assert!(text.contains(&format!("default-src 'none'; style-src 'sha256-{hash}'; ")), "{hash}");
        assert!(text.contains(&format!("<style>{STYLE}</style>")));
    }

    #[test]
    fn a_refusal_has_a_status_and_no_words() {
        for refusal in [
            Refusal::Malformed,
            Refusal::TooLarge,
            Refusal::TooLong,
            Refusal::OtherHost,
            Refusal::FromAPage,
            Refusal::OtherPath,
            Refusal::OtherMethod,
            Refusal::HasBody,
        ] {
            let answer = Answer::of(refusal);
            let text = std::str::from_utf8(answer.as_bytes()).expect("text");
            assert!(text.starts_with("HTTP/1.1 4") && text.ends_with("\r\n\r\n"), "{text}");
            assert!(text.contains("Content-Length: 0\r\n"));
        }
    }
}
