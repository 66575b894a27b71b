//! What lies between the functions and AWS, and between GitHub and its door: in a storm, calls are throttled, fail or lose
//! their answers, messages are sent twice, webhooks are delivered twice, and functions are killed in the middle of a call.

use super::emulator::{ACCOUNT, Emulator, Functions, REGION};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
};
use http::{HeaderMap, Response, StatusCode, Uri, header};
use roadstead::stack::{ending::Ending, http::Place};
use roadstead_steps::nouns::CallError;
use roadstead_web::{Https, Transport as _};
use std::sync::{Arc, Mutex};

/// Where the emulator serves function URLs. GitHub sends nothing again by itself, so no webhook is lost here.
const WEBHOOKS: &str = "/_aws/lambda-url/";

/// How it is between the functions and AWS.
#[derive(Clone, Copy)]
pub(crate) struct Weather {
    /// Of how many calls one goes wrong; none when it is 0.
    faults_one_in: u64,
    /// Whether every message is sent, and every webhook delivered, twice.
    messages_twice: bool,
}

impl Weather {
    pub(crate) const FAIR: Self = Self { faults_one_in: 0, messages_twice: false };
    pub(crate) const STORM: Self = Self { faults_one_in: 20, messages_twice: true };
}

/// What happens to one call.
enum Fate {
    Passes,
    Throttled,
    Fails,
    /// It has its effect, and its answer breaks off.
    AnswerLost,
    /// It has its effect, and then all functions are killed.
    CallerKilled,
}

/// The most often that functions are killed: the clock has to find what each of them left.
const KILLS: u64 = 6;

/// The weather as it is now, the chance that it goes by, and how often something went wrong.
struct Now {
    weather: Weather,
    chance: u64,
    faults: u64,
    kills: u64,
}

/// What passes calls on.
#[derive(Clone)]
pub(crate) struct Between {
    now: Arc<Mutex<Now>>,
    /// Where it is.
    pub(crate) url: String,
}

impl Now {
    /// The next number of a xorshift generator.
    fn chance(&mut self) -> u64 {
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        self.chance
    }
}

impl Between {
    pub(crate) fn new(place: &Place, chance: u64) -> Self {
        let now = Now { weather: Weather::FAIR, chance, faults: 0, kills: 0 };
        Self { now: Arc::new(Mutex::new(now)), url: place.url.clone() }
    }

    pub(crate) fn set(&self, weather: Weather) {
        self.now.lock().unwrap().weather = weather;
    }

    /// A storm that nobody felt has shown nothing.
    pub(crate) fn was_felt(&self) {
        let now = self.now.lock().unwrap();
        println!("{} calls went wrong, and functions were killed {} times", now.faults, now.kills);
        assert!(now.faults > 0 && now.kills > 0);
    }

    fn sends_twice(&self) -> bool {
        self.now.lock().unwrap().weather.messages_twice
    }

    fn fate(&self) -> Fate {
        let mut now = self.now.lock().unwrap();
        let one_in = now.weather.faults_one_in;
        if one_in == 0 || !now.chance().is_multiple_of(one_in) {
            return Fate::Passes;
        }
        now.faults += 1;
        match now.faults % 4 {
            0 => Fate::Throttled,
            1 => Fate::Fails,
            2 if now.kills < KILLS => {
                now.kills += 1;
                Fate::CallerKilled
            }
            _ => Fate::AnswerLost,
        }
    }

    /// Passes what comes to a place on to the emulator.
    pub(crate) fn serve(
        self,
        place: Place,
        emulator: &Emulator,
        ending: Ending,
    ) -> impl Future<Output = ()> + use<> {
        let to = Arc::new(To {
            transport: Https::new(true).unwrap(),
            endpoint: emulator.endpoint.clone(),
            functions: emulator.functions(),
        });
        let router = Router::new().fallback(move |request: Request| {
            let (between, to) = (self.clone(), to.clone());
            async move { between.answer(request, &to).await }
        });
        place.serve(router, ending)
    }

    async fn answer(&self, request: Request, to: &To) -> Response<Body> {
        let request = roadstead::stack::http::whole(request, usize::MAX).await.unwrap();
        let action = action(request.headers());
        let webhook = request.uri().path().starts_with(WEBHOOKS);
        if self.sends_twice() && (webhook || action.ends_with(".SendMessage")) {
            let _ = to.call(request.clone()).await;
            return self.passed(to.call(request).await, &action);
        }
        match if webhook { Fate::Passes } else { self.fate() } {
            Fate::Passes => self.passed(to.call(request).await, &action),
            Fate::Throttled => refused(&action, StatusCode::BAD_REQUEST, "ThrottlingException"),
            Fate::Fails => refused(&action, StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError"),
            Fate::AnswerLost => {
                let _ = to.call(request).await;
                broken_off()
            }
            Fate::CallerKilled => {
                let _ = to.call(request).await;
                to.functions.kill();
                broken_off()
            }
        }
    }

    /// The emulator's answer. It names the registry's own host for downloads, where the layers are not.
    fn passed(&self, answer: Result<Response<Vec<u8>>, CallError>, action: &str) -> Response<Body> {
        let Ok(answer) = answer else { return broken_off() };
        let (mut parts, body) = answer.into_parts();
        for name in [header::CONNECTION, header::TRANSFER_ENCODING, header::CONTENT_LENGTH] {
            parts.headers.remove(name);
        }
        let body = if action.ends_with(".GetDownloadUrlForLayer") {
            self.rehosted(&String::from_utf8(body).unwrap()).into_bytes()
        } else {
            body
        };
        Response::from_parts(parts, Body::from(body))
    }

    fn rehosted(&self, text: &str) -> String {
        let host = format!("https://{}.dkr.ecr.{}.amazonaws.com", ACCOUNT, REGION);
        text.replace(&host, &self.url)
    }
}

/// The emulator, and where its functions run.
struct To {
    transport: Https,
    endpoint: String,
    functions: Functions,
}

impl To {
    async fn call(&self, mut request: http::Request<Vec<u8>>) -> Result<Response<Vec<u8>>, CallError> {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        *request.uri_mut() = format!("{}{path}", self.endpoint).parse::<Uri>().unwrap();
        self.transport.call(request).await
    }
}

/// What is called, where a header says it; nothing for Route 53.
fn action(headers: &HeaderMap) -> String {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    target.unwrap_or_default().to_owned()
}

fn refused(action: &str, status: StatusCode, code: &str) -> Response<Body> {
    let body = if action.is_empty() {
        format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>weather</Message></Error></ErrorResponse>",
            code.replace("ThrottlingException", "Throttling")
        )
    } else {
        format!(r#"{{"__type":"{code}","message":"weather"}}"#)
    };
    Response::builder().status(status).body(Body::from(body)).unwrap()
}

/// An answer of which nothing but its head arrives.
fn broken_off() -> Response<Body> {
    let broken = futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("weather")) });
    Response::new(Body::from_stream(broken))
}
