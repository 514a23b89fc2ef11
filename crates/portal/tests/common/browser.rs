//! What a browser does: it keeps cookies, follows redirects and sends the forms it was given.

use std::net::SocketAddr;

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::As;

/// A browser with one person before it.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    cookies: Vec<(String, String)>,
    pub peer: SocketAddr,
    pub headers: Vec<(&'static str, &'static str)>,
    /// The page it shows.
    pub page: Page,
}

/// A page as the browser got it.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub path: String,
    pub html: String,
}

impl Browser {
    pub fn new(router: Router) -> Self {
        Self {
            router,
            cookies: vec![],
            peer: "127.0.0.1:40000".parse().unwrap(),
            headers: vec![("host", "localhost:8080")],
            page: Page::default(),
        }
    }

    /// Opens an address and follows where it leads.
    pub async fn get(&mut self, path: &str) -> &Page {
        self.request(Method::GET, path, None).await;
        self.follow().await
    }

    /// Sends a form of the page with what was entered, and follows where it leads.
    pub async fn send(&mut self, action: &str, entered: &[(&str, &str)]) -> &Page {
        let mut fields = self.page.hidden_fields(action);
        fields.extend(entered.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.post(action, &fields).await
    }

    /// Sends fields that no form of the page has.
    pub async fn post(&mut self, path: &str, fields: &[(String, String)]) -> &Page {
        self.request(Method::POST, path, Some(encode(fields))).await;
        self.follow().await
    }

    /// One request with these fields, without following where it leads.
    pub async fn first(&mut self, method: &str, path: &str, fields: &[(String, String)]) -> &Page {
        let form = (method == "POST").then(|| encode(fields));
        self.request(method.parse().unwrap(), path, form).await;
        &self.page
    }

    pub async fn sign_in(&mut self, who: As) -> &Page {
        self.sign_in_as(who as usize).await
    }

    /// Signs in as the persona at this place of the page.
    pub async fn sign_in_as(&mut self, place: usize) -> &Page {
        self.get("/sign-in").await;
        let fields = [("csrf".to_owned(), self.page.csrf()), ("persona".to_owned(), place.to_string())];
        self.post("/sign-in", &fields).await
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.retain(|(found, _)| found != name);
        self.cookies.push((name.to_owned(), value.to_owned()));
    }

    async fn follow(&mut self) -> &Page {
        while self.page.status == StatusCode::SEE_OTHER {
            let location = self.page.headers[header::LOCATION].to_str().unwrap().to_owned();
            self.request(Method::GET, &location, None).await;
        }
        &self.page
    }

    async fn request(&mut self, method: Method, path: &str, form: Option<String>) {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &self.headers {
            request = request.header(*name, *value);
        }
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request = request.header(header::COOKIE, cookies.join("; "));
        if form.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let mut request = request.body(Body::from(form.unwrap_or_default())).unwrap();
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        for cookie in headers.get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            self.set_cookie(name, rest.split(';').next().unwrap());
        }
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let html = String::from_utf8_lossy(&body).into_owned();
        self.page = Page { status, headers, path: path.to_owned(), html };
    }
}

impl Page {
    /// The token of the page's forms.
    pub fn csrf(&self) -> String {
        between(&self.html, "name=\"csrf\" value=\"", "\"").unwrap_or_default().to_owned()
    }

    /// The hidden fields of the page's form with this action.
    pub fn hidden_fields(&self, action: &str) -> Vec<(String, String)> {
        let form = self.html.split("<form").find(|form| form.contains(&format!("action=\"{action}\"")));
        let form = form.unwrap_or_else(|| panic!("no form {action} on {}: {}", self.path, self.html));
        form.split("</form>")
            .next()
            .unwrap()
            .split("<input type=\"hidden\"")
            .skip(1)
            .map(|input| {
                let name = between(input, "name=\"", "\"").unwrap();
                let value = between(input, "value=\"", "\"").unwrap();
                (name.to_owned(), value.to_owned())
            })
            .collect()
    }

    #[track_caller]
    pub fn expect(&self, status: StatusCode, texts: &[&str]) {
        assert_eq!(self.status, status, "{}: {}", self.path, self.html);
        for text in texts {
            assert!(self.html.contains(text), "{text:?} is not on {}: {}", self.path, self.html);
        }
    }

    #[track_caller]
    pub fn expect_without(&self, texts: &[&str]) {
        for text in texts {
            assert!(!self.html.contains(text), "{text:?} is on {}: {}", self.path, self.html);
        }
    }
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}

fn encode(fields: &[(String, String)]) -> String {
    let escape = |text: &str| -> String {
        text.bytes()
            .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
            .collect()
    };
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
    pairs.join("&")
}
