//! The wire between a client and a world: every request is one point at which something may go wrong.

use super::{chance::Chance, time::VirtualTime};
use http::{Request, Response, StatusCode};
use jiff::Timestamp;
use roadstead_steps::nouns::Time;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

/// How often, in a thousand requests, each thing goes wrong.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rates {
    /// The request never arrives, and the client knows.
    pub refused: u64,
    /// The request is carried out, and the answer is lost.
    pub lost: u64,
    /// The client gives up, and the request is carried out later: a call of the dead.
    pub late: u64,
    /// The other side says that it is too much.
    pub throttled: u64,
    /// The process ends in the middle of the call, before it.
    pub crashed: u64,
    /// The process ends in the middle of the call, after it.
    pub crashed_after: u64,
    /// The call takes long, up to seconds.
    pub slow: u64,
}

/// How long a paused process stands still: longer than its claim lasts.
pub const PAUSE: Duration = Duration::from_secs(50);

/// What the transport below tells the client.
#[derive(Debug, PartialEq, Eq)]
pub enum Broken {
    NotSent,
    NoAnswer,
}

/// Faults for all wires of one simulation.
pub struct Faults {
    pub chance: Chance,
    pub rates: Mutex<Rates>,
    pub on: AtomicBool,
    /// How many faults happened.
    pub count: AtomicU64,
    /// Fails exactly the call with this number, for the laws.
    pub calls: AtomicU64,
    pub fail_at: Mutex<Option<(u64, Kind)>>,
    /// After how many more of its writes of the table whoever tells those that a trigger concerns ends instead of the next
    /// one, where a journey says so.
    pub dies_at_write: Mutex<Option<u64>>,
    /// What the other side of a wire answers instead, where a journey says so.
    pub instead: Mutex<BTreeMap<&'static str, Instead>>,
}

/// What a request is answered instead of being carried out.
pub type Instead = fn(&Request<Vec<u8>>) -> Option<Response<Vec<u8>>>;

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Fine,
    Refused,
    Lost,
    Late,
    Throttled,
    Crashed,
    CrashedAfter,
    Slow,
    /// The process stands still before the call until long after its claim, and then goes on.
    Paused,
}

impl Faults {
    pub fn new(chance: Chance, rates: Rates) -> Arc<Self> {
        Arc::new(Self {
            chance,
            rates: Mutex::new(rates),
            on: AtomicBool::new(true),
            count: AtomicU64::new(0),
            calls: AtomicU64::new(0),
            fail_at: Mutex::new(None),
            dies_at_write: Mutex::new(None),
            instead: Mutex::default(),
        })
    }

    pub fn stop(&self) {
        self.on.store(false, Ordering::SeqCst);
    }

    /// Whether the process ends before this call of the table.
    pub fn dies_at(&self, call: &str) -> bool {
        let mut left = self.dies_at_write.lock().unwrap();
        let counts = super::queue::tells() && matches!(call, "update" | "commit");
        let Some(now) = left.filter(|_| counts) else { return false };
        *left = now.checked_sub(1);
        left.is_none()
    }

    pub fn pick(&self) -> Kind {
        let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        if let Some((at, kind)) = *self.fail_at.lock().unwrap()
            && at == call
        {
            return kind;
        }
        if !self.on.load(Ordering::SeqCst) {
            return Kind::Fine;
        }
        let rates = *self.rates.lock().unwrap();
        let mut dice = self.chance.below(1_000);
        for (rate, kind) in [
            (rates.refused, Kind::Refused),
            (rates.lost, Kind::Lost),
            (rates.late, Kind::Late),
            (rates.throttled, Kind::Throttled),
            (rates.crashed, Kind::Crashed),
            (rates.crashed_after, Kind::CrashedAfter),
            (rates.slow, Kind::Slow),
        ] {
            if dice < rate {
                self.count.fetch_add(1, Ordering::SeqCst);
                return kind;
            }
            dice -= rate;
        }
        Kind::Fine
    }
}

/// Something that answers requests at moments: a world behind its lock.
pub type Answers = Arc<dyn Fn(&Request<Vec<u8>>, Timestamp) -> Response<Vec<u8>> + Send + Sync>;

/// One wire to one world.
#[derive(Clone)]
pub struct Wire {
    pub name: &'static str,
    pub faults: Arc<Faults>,
    pub time: VirtualTime,
    pub answers: Answers,
    /// What the other side answers when it is too much.
    pub throttled: fn() -> Response<Vec<u8>>,
}

/// How long a call that was given up may take until it is carried out: less than what a claim lasts.
const LATE_LIMIT: u64 = 20_000;

impl Wire {
    pub async fn call(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Broken> {
        tokio::time::sleep(Duration::from_millis(1 + self.faults.chance.below(3))).await;
        match self.faults.pick() {
            Kind::Fine => Ok(self.carry_out(&request)),
            Kind::Slow => {
                tokio::time::sleep(Duration::from_millis(self.faults.chance.below(6_000))).await;
                Ok(self.carry_out(&request))
            }
            Kind::Paused => {
                tokio::time::sleep(PAUSE).await;
                Ok(self.carry_out(&request))
            }
            Kind::Refused => Err(Broken::NotSent),
            Kind::Throttled => Ok((self.throttled)()),
            Kind::Lost => {
                self.carry_out(&request);
                Err(Broken::NoAnswer)
            }
            Kind::Late => {
                self.carry_out_later(request);
                Err(Broken::NoAnswer)
            }
            Kind::Crashed => std::future::pending().await,
            Kind::CrashedAfter => {
                self.carry_out(&request);
                std::future::pending().await
            }
        }
    }

    fn carry_out(&self, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        let instead = self.faults.instead.lock().unwrap().get(self.name).copied();
        let instead = instead.and_then(|instead| instead(request));
        instead.unwrap_or_else(|| (self.answers)(request, self.time.now()))
    }

    fn carry_out_later(&self, request: Request<Vec<u8>>) {
        let (wire, delay) = (self.clone(), self.faults.chance.below(LATE_LIMIT));
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(delay)).await;
            wire.carry_out(&request);
        });
    }
}

/// What a Kubernetes API server, and GitHub, answer when it is too much.
pub fn too_many_requests() -> Response<Vec<u8>> {
    let mut response = Response::new(br#"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"TooManyRequests","message":"too many requests","code":429}"#.to_vec());
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    response.headers_mut().insert("retry-after", http::HeaderValue::from_static("1"));
    response
}

/// What Route 53 answers when it is too much.
pub fn route53_throttling() -> Response<Vec<u8>> {
    let body = br#"<?xml version="1.0"?><ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error><RequestId>1</RequestId></ErrorResponse>"#;
    let mut response = Response::new(body.to_vec());
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response
}

/// What ECR answers when it is too much.
pub fn ecr_throttling() -> Response<Vec<u8>> {
    let mut response =
        Response::new(br#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#.to_vec());
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response
}
