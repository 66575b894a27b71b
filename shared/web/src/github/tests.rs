use super::*;
use ::http::{Method, Request, Response};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::repository::Host;
use roadstead_steps::nouns::git_host::DeploymentState;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::Mutex;

mod announced;
mod calls;
mod deliveries;
mod tokens;

/// Where the host is said to be.
const BASE: &str = "https://github.example/api/v3";

/// A clock that stands where it was put.
struct Clock(Mutex<Timestamp>);

impl Clock {
    fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Timestamp::from_second(1_790_000_000).unwrap())))
    }

    fn forward(&self, seconds: i64) {
        let mut now = self.0.lock().unwrap();
        *now += SignedDuration::from_secs(seconds);
    }
}

#[async_trait::async_trait]
impl Time for Clock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    async fn sleep(&self, span: SignedDuration) {
        self.forward(span.as_secs());
    }
}

/// A host that gives out tokens `ghs_canary1`, `ghs_canary2` … for an hour, answers everything else as it is told, in
/// order, and keeps what it was asked.
struct Script {
    clock: Arc<Clock>,
    answers: Mutex<VecDeque<Result<Response<Vec<u8>>, CallError>>>,
    issue: Mutex<VecDeque<Response<Vec<u8>>>>,
    asked: Mutex<Vec<Request<Vec<u8>>>>,
    issued: Mutex<u64>,
}

#[async_trait::async_trait]
impl Transport for Script {
    async fn call(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, CallError> {
        if request.uri().path().ends_with("/access_tokens") {
            *self.issued.lock().unwrap() += 1;
            let refused = self.issue.lock().unwrap().pop_front();
            return Ok(refused.unwrap_or_else(|| self.token()));
        }
        self.asked.lock().unwrap().push(request);
        self.answers.lock().unwrap().pop_front().unwrap()
    }
}

impl Script {
    fn token(&self) -> Response<Vec<u8>> {
        let token = format!("ghs_canary{}", self.issued());
        let expires_at = self.clock.now() + SignedDuration::from_hours(1);
        answer(201, &[], &json!({"token": token, "expires_at": format!("{expires_at:.0}")}))
    }

    fn issued(&self) -> u64 {
        *self.issued.lock().unwrap()
    }

    /// What was asked, as `METHOD path?query`.
    fn lines(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked
            .iter()
            .map(|asked| format!("{} {}", asked.method(), &asked.uri().to_string()[BASE.len()..]))
            .collect()
    }

    fn header(&self, request: usize, name: &str) -> String {
        let asked = self.asked.lock().unwrap();
        asked[request].headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned()
    }

    fn body(&self, request: usize) -> Value {
        serde_json::from_slice(self.asked.lock().unwrap()[request].body()).unwrap()
    }
}

fn answer(status: u16, headers: &[(&str, &str)], body: &Value) -> Response<Vec<u8>> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(body.to_string().into_bytes()).unwrap()
}

/// A host that answers these, and the client that asks it.
fn host(answers: impl IntoIterator<Item = Response<Vec<u8>>>) -> (Github, Arc<Script>) {
    host_or(answers.into_iter().map(Ok))
}

fn host_or(answers: impl IntoIterator<Item = Result<Response<Vec<u8>>, CallError>>) -> (Github, Arc<Script>) {
    let clock = Clock::new();
    let script = Arc::new(Script {
        clock: Arc::clone(&clock),
        answers: Mutex::new(answers.into_iter().collect()),
        issue: Mutex::default(),
        asked: Mutex::default(),
        issued: Mutex::default(),
    });
    let key = AppKey::from_pem(include_str!("tests/app-pkcs1.pem")).unwrap();
    let settings = Settings { base: format!("{BASE}/"), app: 7, key, installation: 9 };
    (Github::with_transport(settings, clock, Arc::<Script>::clone(&script)), script)
}

fn shop() -> Repository {
    Repository { host: Host::Github, id: 42, full_name: "acme/shop".to_owned() }
}

fn sha(digit: &str) -> Commit {
    digit.repeat(40).parse().unwrap()
}

fn pull(number: u64) -> Value {
    json!({
        "number": number, "state": "open", "draft": true, "user": {"id": 5},
        "head": {"sha": sha("a"), "ref": "feature", "repo": {"id": 43}}, "base": {"ref": "main", "sha": sha("b")},
        "comments_url": "http://169.254.169.254/", "_links": {"self": {"href": "http://169.254.169.254/"}},
    })
}

fn next(page: u8) -> [(&'static str, &'static str); 2] {
    let link = r#"<http://169.254.169.254/>; rel="next", <http://169.254.169.254/>; rel="last""#;
    [("link", if page == 0 { "" } else { link }), ("etag", r#"W/"one""#)]
}

fn refused(status: u16) -> Response<Vec<u8>> {
    answer(status, &[], &json!({"message": "no"}))
}

#[test]
fn github_is_at_its_own_address_unless_another_is_given() {
    let pem = include_bytes!("tests/app-pkcs1.pem");
    assert_eq!(Settings::new(None, 1, 2, pem).unwrap().base, "https://api.github.com");
    let given = Settings::new(Some("https://github.example/api/v3".to_owned()), 1, 2, pem).unwrap();
    assert_eq!(given.base, "https://github.example/api/v3");
}
