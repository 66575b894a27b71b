//! HTTP in front of the worlds, so that the real SDKs, `kubectl` and the real clients of GitHub and Slack talk to them.

use super::{Worlds, by_hand, chat, seed};
use crate::{
    problem::Problem,
    stack::{
        ending::Ending,
        http::{Place, front, refusal},
        messenger::Messenger,
        store::Kept,
    },
};
use axum::{Router, body::Body};
use bytes::Bytes;
use futures::stream;
use http::{HeaderValue, Request, Response, StatusCode, header};
use jiff::Timestamp;
use roadstead_domain::name::ClusterName;
use roadstead_worlds::cluster::{Answer, Cluster, Watch};
use std::{borrow::Cow, collections::BTreeMap, sync::Arc, time::Duration};
use tokio::task::JoinSet;

/// Where the worlds will be served.
pub struct Places {
    names: Place,
    registry: Place,
    code: Place,
    chat: Place,
    clusters: BTreeMap<ClusterName, ClusterPlaces>,
}

/// Where a sandbox cluster will be served: to who has a token, and to the person at this machine. `kubectl` sends no
/// token over plain HTTP, so the second place does what `kubectl proxy` does: it adds the person's.
struct ClusterPlaces {
    tokens: Place,
    person: Place,
}

/// The addresses of the worlds.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// Route 53.
    pub names: String,
    /// ECR.
    pub registry: String,
    /// GitHub's API.
    pub code: String,
    /// Slack.
    pub chat: String,
    /// The sandbox clusters, by name.
    pub clusters: BTreeMap<ClusterName, String>,
    /// The same, for the person at this machine.
    pub clusters_for_person: BTreeMap<ClusterName, String>,
}

impl Places {
    /// Free ports.
    ///
    /// # Errors
    /// When there are none.
    pub async fn free(sandbox: bool) -> Result<Self, Problem> {
        let mut clusters = BTreeMap::new();
        for name in if sandbox { seed::cluster_names()? } else { vec![] } {
            let places = ClusterPlaces { tokens: Place::at(0).await?, person: Place::at(0).await? };
            clusters.insert(name, places);
        }
        Ok(Self {
            names: Place::at(0).await?,
            registry: Place::at(0).await?,
            code: Place::at(0).await?,
            chat: Place::at(0).await?,
            clusters,
        })
    }

    /// Where they are.
    pub fn addresses(&self) -> Addresses {
        let clusters = |of: fn(&ClusterPlaces) -> &Place| {
            self.clusters.iter().map(|(name, places)| (name.clone(), of(places).url.clone())).collect()
        };
        Addresses {
            names: self.names.url.clone(),
            registry: self.registry.url.clone(),
            code: self.code.url.clone(),
            chat: self.chat.url.clone(),
            clusters: clusters(|places| &places.tokens),
            clusters_for_person: clusters(|places| &places.person),
        }
    }

    /// Serves the worlds, lets time pass in them, and keeps them on disk, until the end. `admin` is the token of the person
    /// at this machine.
    pub fn serve(
        self,
        worlds: &Worlds,
        messenger: Arc<Messenger>,
        admin: &str,
        ending: &Ending,
        tasks: &mut JoinSet<()>,
    ) {
        let addresses = self.addresses();
        worlds.registry.change(|registry| registry.ecr.settings.endpoint.clone_from(&addresses.registry));
        worlds.code.change(|code| code.github.settings.api_url.clone_from(&addresses.code));
        tasks.spawn(self.names.serve(names(worlds), ending.clone()));
        tasks.spawn(self.registry.serve(registry(worlds), ending.clone()));
        tasks.spawn(self.code.serve(code(worlds, messenger), ending.clone()));
        tasks.spawn(self.chat.serve(chat::router(worlds), ending.clone()));
        keep(worlds.names.clone(), ending, tasks);
        keep(worlds.registry.clone(), ending, tasks);
        keep(worlds.code.clone(), ending, tasks);
        keep(worlds.chat.clone(), ending, tasks);
        for (name, places) in self.clusters {
            let Some(kept) = worlds.clusters.get(&name) else { continue };
            let person = Person { host: places.person.url.replace("http://", ""), token: admin.to_owned() };
            let (tokens, person) = (
                cluster(kept.clone(), ending.clone(), None),
                cluster(kept.clone(), ending.clone(), Some(person)),
            );
            tasks.spawn(places.tokens.serve(tokens, ending.clone()));
            tasks.spawn(places.person.serve(person, ending.clone()));
            tasks.spawn(pass_time(kept.clone(), ending.clone()));
            keep(kept.clone(), ending, tasks);
        }
    }
}

fn keep<T>(kept: Arc<Kept<T>>, ending: &Ending, tasks: &mut JoinSet<()>)
where
    T: serde::Serialize + serde::de::DeserializeOwned + Send + 'static,
{
    let ending = ending.clone();
    tasks.spawn(async move { kept.keep(ending).await });
}

fn names(worlds: &Worlds) -> Router {
    let kept = worlds.names.clone();
    front(move |request| kept.change(|names| names.route53.handle(request, Timestamp::now())).map(Body::from))
}

fn registry(worlds: &Worlds) -> Router {
    let kept = worlds.registry.clone();
    front(move |request| {
        kept.change(|registry| registry.ecr.handle(request, Timestamp::now())).map(Body::from)
    })
}

/// GitHub's API, with what people do beside it; what it delivers because of a call is sent on.
fn code(worlds: &Worlds, messenger: Arc<Messenger>) -> Router {
    let kept = worlds.code.clone();
    let by_hand = by_hand::router(worlds.clone(), messenger.clone());
    let api = front(move |request| {
        let (response, deliveries) = kept.change(|code| {
            let response = code.github.handle(request, Timestamp::now());
            (response, code.github.take_deliveries())
        });
        if !deliveries.is_empty() {
            let messenger = messenger.clone();
            tokio::spawn(async move { messenger.deliver(&deliveries).await });
        }
        response.map(Body::from)
    });
    by_hand.fallback_service(api)
}

/// The person at this machine, and the host under which that person's own programs ask: a page of somebody else cannot.
#[derive(Clone)]
struct Person {
    host: String,
    token: String,
}

fn cluster(kept: Arc<Kept<Cluster>>, ending: Ending, person: Option<Person>) -> Router {
    front(move |request| {
        let request =
            person.as_ref().map_or(Cow::Borrowed(request), |person| Cow::Owned(person.asks(request)));
        match kept.change(|cluster| cluster.handle(&request, Timestamp::now())) {
            Answer::Now(response) => response.map(Body::from),
            Answer::Watch(watch) => watched(watch, kept.clone(), ending.clone()),
        }
    })
}

impl Person {
    fn asks(&self, request: &Request<Vec<u8>>) -> Request<Vec<u8>> {
        let mut request = request.clone();
        let own =
            request.headers().get(header::HOST).is_some_and(|host| host.as_bytes() == self.host.as_bytes());
        if own && let Ok(bearer) = HeaderValue::from_str(&format!("Bearer {}", self.token)) {
            request.headers_mut().entry(header::AUTHORIZATION).or_insert(bearer);
        }
        request
    }
}

/// A watch: one line of JSON for each event, sent when it happens.
fn watched(watch: Watch, kept: Arc<Kept<Cluster>>, ending: Ending) -> Response<Body> {
    let lines = stream::unfold((watch, kept, ending), |(mut watch, kept, ending)| async move {
        let line = next_lines(&mut watch, &kept, &ending).await?;
        Some((Ok::<_, std::convert::Infallible>(line), (watch, kept, ending)))
    });
    let response = Response::builder().header(header::CONTENT_TYPE, "application/json");
    response.body(Body::from_stream(lines)).unwrap_or_else(|_| refusal(StatusCode::INTERNAL_SERVER_ERROR))
}

async fn next_lines(watch: &mut Watch, kept: &Kept<Cluster>, ending: &Ending) -> Option<Bytes> {
    let mut changes = kept.changes();
    loop {
        changes.mark_unchanged();
        if watch.is_over() {
            return None;
        }
        let events = kept.read(|cluster| cluster.events(watch));
        if !events.is_empty() {
            return Some(events.iter().map(|event| format!("{event}\n")).collect::<String>().into());
        }
        let left = Duration::try_from(watch.ends_at().duration_since(Timestamp::now())).ok()?;
        tokio::select! {
            () = ending.wait() => return None,
            () = tokio::time::sleep(left) => return None,
            _ = changes.changed() => {}
        }
    }
}

/// Lets the cluster's controllers and nodes move on when something is to happen.
async fn pass_time(kept: Arc<Kept<Cluster>>, ending: Ending) {
    let mut changes = kept.changes();
    loop {
        changes.mark_unchanged();
        let next = kept.read(Cluster::next_event);
        let now = Timestamp::now();
        if next.is_some_and(|next| next <= now) {
            kept.change(|cluster| cluster.advance(now));
            continue;
        }
        let pause = next
            .map_or(Duration::MAX, |next| Duration::try_from(next.duration_since(now)).unwrap_or_default());
        tokio::select! {
            () = ending.wait() => return,
            () = tokio::time::sleep(pause) => {}
            _ = changes.changed() => {}
        }
    }
}
