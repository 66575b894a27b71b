use super::*;
use jiff::SignedDuration;
use roadstead_steps::nouns::cluster::{Kind, Reference};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use tokio::net::TcpSocket;

fn kubeconfig(server: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: it\n\
         clusters: [{{name: it, cluster: {{server: \"{server}\"}}}}]\n\
         users: [{{name: it, user: {{token: canary}}}}]\n\
         contexts: [{{name: it, context: {{cluster: it, user: it}}}}]\n"
    )
}

fn name(text: &str) -> ClusterName {
    text.parse().unwrap()
}

fn namespace(name: &str) -> Reference {
    let (api_version, kind, plural) = ("v1".to_owned(), "Namespace".to_owned(), "namespaces".to_owned());
    Reference {
        kind: Kind { api_version, kind, plural, namespaced: false },
        namespace: None,
        name: name.to_owned(),
    }
}

#[tokio::test]
async fn an_unknown_cluster_is_missing() {
    let clusters = KubeClusters::new::<Kubeconfig>([]);
    assert!(matches!(clusters.open(&name("main")).await, Err(CallError::Missing { .. })));
}

#[tokio::test]
async fn a_kubeconfig_that_cannot_be_used_is_not_repeated() {
    let unusable = [
        Kubeconfig::Text("token: canary".to_owned()),
        Kubeconfig::Text("canary: [".to_owned()),
        Kubeconfig::File(PathBuf::from("/nowhere/canary")),
    ];
    for kubeconfig in unusable {
        let clusters = KubeClusters::new([(name("main"), kubeconfig)]);
        let Err(error) = clusters.open(&name("main")).await else { panic!() };
        assert!(
            matches!(error, CallError::Broken { .. }) && !error.to_string().contains("canary"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_cluster_that_cannot_be_reached_was_asked_nothing() {
    let taken = TcpSocket::new_v4().unwrap();
    taken.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let nobody_listens = taken.local_addr().unwrap();
    let given = Kubeconfig::Text(kubeconfig(&format!("http://{nobody_listens}")));
    let clusters = KubeClusters::new([(name("main"), given)]);
    let cluster = clusters.open(&name("main")).await.unwrap();
    let error = cluster.delete(&namespace("shop"), &Default::default()).await.unwrap_err();
    assert!(matches!(error, CallError::Unavailable { maybe_done: false, .. }), "{error:?}");
}

#[tokio::test]
async fn a_cluster_that_is_busy_is_asked_once_with_our_token() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let given = Kubeconfig::Text(kubeconfig(&format!("http://{}", listener.local_addr().unwrap())));
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0_u8; 4096];
        let length = stream.read(&mut request).unwrap();
        let answer = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer.as_bytes()).unwrap();
        listener.set_nonblocking(true).unwrap();
        let text = String::from_utf8_lossy(&request[..length]).into_owned();
        let rest = stream.read(&mut request).unwrap();
        (text, rest == 0 && listener.accept().is_err())
    });
    let error = {
        let clusters = KubeClusters::new([(name("main"), given)]);
        let cluster = clusters.open(&name("main")).await.unwrap();
        cluster.get(&namespace("shop")).await.unwrap_err()
    };
    assert!(matches!(error, CallError::Throttled { after: Some(_), .. }), "{error:?}");
    let (request, once) = tokio::task::spawn_blocking(|| server.join().unwrap()).await.unwrap();
    assert!(once && request.starts_with("GET /api/v1/namespaces/shop "), "{request}");
    assert!(request.contains("authorization: Bearer canary"), "{request}");
}

/// Gives the same server under a new token each time, for a minute.
struct Minutely {
    server: String,
    asked: AtomicU64,
    now: AtomicI64,
}

#[async_trait::async_trait]
impl ClusterCredentials for Minutely {
    async fn access(&self, _: &ClusterName) -> Result<ClusterAccess, CallError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let until = self.now() + SignedDuration::from_mins(1);
        let token = "canary".to_owned();
        Ok(ClusterAccess { server: self.server.clone(), certificate_authority: vec![], token, until })
    }
}

#[async_trait::async_trait]
impl Time for Minutely {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.now.load(Ordering::Relaxed)).unwrap()
    }

    async fn sleep(&self, _: SignedDuration) {}
}

#[tokio::test]
async fn a_client_with_a_token_is_kept_until_the_token_ends() {
    let server = "http://127.0.0.1:1".to_owned();
    let minutely = Arc::new(Minutely { server, asked: AtomicU64::new(0), now: AtomicI64::new(0) });
    let clusters = KubeClusters::new::<Kubeconfig>([]).with_credentials(minutely.clone(), minutely.clone());
    for (second, asked) in [(0, 1), (59, 1), (60, 2), (119, 2), (120, 3)] {
        minutely.now.store(second, Ordering::Relaxed);
        clusters.open(&name("main")).await.ok().unwrap();
        assert_eq!(minutely.asked.load(Ordering::Relaxed), asked, "{second}");
    }
}

#[test]
fn an_access_is_a_kubeconfig_with_its_token_and_authority() {
    let access = ClusterAccess {
        server: "https://a.eks.amazonaws.com".to_owned(),
        certificate_authority: b"PEM".to_vec(),
        token: "canary".to_owned(),
        until: Timestamp::MAX,
    };
    assert!(!format!("{access:?}").contains("canary"));
    let parsed = of_access(access);
    let server = parsed.clusters[0].cluster.clone().unwrap();
    assert_eq!(server.server.as_deref(), Some("https://a.eks.amazonaws.com"));
    assert_eq!(server.certificate_authority_data.as_deref(), Some("UEVN"));
    assert!(parsed.auth_infos[0].auth_info.as_ref().unwrap().token.is_some());
}
