use super::*;
use roadstead_steps::nouns::cluster::{Kind, Reference};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

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
    let clusters = KubeClusters::new([]);
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
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let given = Kubeconfig::Text(kubeconfig(&format!("http://{closed}")));
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
