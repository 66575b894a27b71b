use super::{
    check::limits::{
        CONTAINER_LIMIT, FILE_LIMIT, HEADER_LIMIT, METADATA_LIMIT, MOUNT_LIMIT, PORT_LIMIT, PORT_NAME_LIMIT,
        RESOURCE_LIMIT, VARIABLE_LIMIT, WORD_LIMIT,
    },
    *,
};
use crate::platform::Problem;

const WEB: &str = include_str!("../../../../infra/local/sample/web/score.yaml");
const WORKER: &str = include_str!("../../../../infra/local/sample/worker/score.yaml");

/// The shortest file, and more after it.
fn parse(more: &str) -> Result<ScoreFile, Vec<Problem>> {
    let head = "apiVersion: score.dev/v1b1\nmetadata: { name: web }\n";
    let containers = "containers: { web: { image: . } }\n";
    let containers = if more.contains("containers:") { "" } else { containers };
    ScoreFile::parse("score.yaml", format!("{head}{containers}{more}").as_bytes())
}

/// A file whose only container says this beside its image.
fn container(fields: &str) -> Result<ScoreFile, Vec<Problem>> {
    parse(&format!(
        "containers: {{ web: {{ image: ., {fields} }} }}\nresources: {{ data: {{ type: volume }}, name: {{ type: dns }} }}\n"
    ))
}

fn paths(result: Result<ScoreFile, Vec<Problem>>) -> Vec<String> {
    result.err().into_iter().flatten().map(|problem| problem.path).collect()
}

#[test]
fn what_is_missing_is_told_with_the_line_in_which_it_is_missing() {
    let text = "apiVersion: score.dev/v1b1\nmetadata: {}\n\ncontainers: {}\n";
    let problems = ScoreFile::parse("score.yaml", text.as_bytes()).unwrap_err();
    let places: Vec<_> = problems.iter().map(|problem| (problem.path.as_str(), problem.line)).collect();
    assert_eq!(places, [("metadata.name", Some(2)), ("containers", Some(4))]);
}

#[test]
fn the_samples_are_understood() {
    let web = ScoreFile::parse("web/score.yaml", WEB.as_bytes()).unwrap();
    assert_eq!(web.name, "web");
    assert_eq!(web.ports["http"], Port { port: 80, target: 8080, protocol: "TCP" });
    let Resource::Route { host, port, .. } = &web.resources["site"] else { panic!("no route") };
    let expected = Reference::Resource { name: "name".into(), output: vec!["host".into()] };
    assert_eq!((host.as_reference(), *port), (Some(&expected), 80));
    let container = &web.containers["web"];
    assert_eq!(container.limits.memory.as_deref(), Some("128Mi"));
    let probe = Probe::HttpGet { scheme: "HTTP", path: "/healthz".into(), port: 8080, headers: Vec::new() };
    assert_eq!(container.readiness, Some(probe));
    let worker = ScoreFile::parse("worker/score.yaml", WORKER.as_bytes()).unwrap();
    let container = &worker.containers["worker"];
    assert_eq!(container.args, ["--queue", "orders"]);
    let mount = Mount { resource: "scratch".into(), path: None, read_only: false };
    assert_eq!(container.volumes["/var/lib/worker"], mount);
    assert_eq!(worker.resources["scratch"], Resource::Volume { size: "1Gi".into() });
}

#[test]
fn texts_stay_as_they_are_written() {
    let score = container("args: [0600, yes, 1_000, 1e3], variables: { VERSION: 010, ON: on }").unwrap();
    assert_eq!(score.containers["web"].args, ["0600", "yes", "1_000", "1e3"]);
    let version = score.containers["web"].variables["VERSION"].expand(|_| Err(())).unwrap();
    assert_eq!(version, "010");
}

#[test]
fn metadata_takes_any_text() {
    let text = "apiVersion: score.dev/v1b1\nmetadata: { name: web, team: 007, annotations: { example.com/x: y } }\n\
        containers: { web: { image: ., variables: { A: '${metadata.team}', B: '${metadata.annotations.example\\.com/x}' } } }\n";
    let score = ScoreFile::parse("score.yaml", text.as_bytes()).unwrap();
    assert_eq!(score.metadata_text(&["team".into()]), Some("007"));
    assert_eq!(score.metadata_text(&["annotations".into(), "example.com/x".into()]), Some("y"));
    assert_eq!(score.metadata_text(&["annotations".into()]), None);
    let wrong = text.replace("metadata.team}", "metadata.owner}");
    assert_eq!(paths(ScoreFile::parse("s", wrong.as_bytes())), ["containers.web.variables.A"]);
}

#[test]
fn what_a_placeholder_stands_for_is_short() {
    let of = |length: usize| {
        let text = "x".repeat(length);
        let metadata = format!("metadata: {{ name: web, x: {text} }}\n");
        let container = "containers: { web: { image: ., variables: { A: '${metadata.x}' } } }\n";
        ScoreFile::parse("s", format!("apiVersion: score.dev/v1b1\n{metadata}{container}").as_bytes())
    };
    assert!(of(METADATA_LIMIT).is_ok());
    assert_eq!(paths(of(METADATA_LIMIT + 1)), ["containers.web.variables.A"]);
}

#[test]
fn what_is_not_supported_is_refused_by_name() {
    for (fields, path) in [
        ("files: { /etc/x: { content: y } }", "containers.web.files"),
        ("before: { other: { ready: started } }", "containers.web.before"),
        (
            "readinessProbe: { httpGet: { host: 169.254.169.254, path: /, port: 80 } }",
            "containers.web.readinessProbe.httpGet.host",
        ),
        (
            "readinessProbe: { httpGet: { scheme: FTP, path: /, port: 80 } }",
            "containers.web.readinessProbe.httpGet.scheme",
        ),
        (
            "readinessProbe: { httpGet: { path: healthz, port: 80 } }",
            "containers.web.readinessProbe.httpGet.path",
        ),
        ("livenessProbe: {}", "containers.web.livenessProbe"),
        ("livenessProbe: { exec: { command: [] } }", "containers.web.livenessProbe"),
        ("resources: { limits: { memory: lots } }", "containers.web.resources.limits.memory"),
        ("resources: { requests: { cpu: 0 } }", "containers.web.resources.requests.cpu"),
        ("variables: { 1A: x }", "containers.web.variables.1A"),
        ("variables: { A: '${env.HOME}' }", "containers.web.variables.A"),
        ("variables: { A: '${resources.nothing.host}' }", "containers.web.variables.A"),
        ("variables: { A: '${resources.name.url}' }", "containers.web.variables.A"),
        ("variables: { A: '${resources.data.source}' }", "containers.web.variables.A"),
        ("volumes: { data: { source: '${resources.data}' } }", "containers.web.volumes.data"),
        ("volumes: { /a/../b: { source: '${resources.data}' } }", "containers.web.volumes./a/../b"),
        ("volumes: { /x: { source: data } }", "containers.web.volumes./x"),
        ("volumes: { /x: { source: '${resources.name}' } }", "containers.web.volumes./x.source"),
        ("volumes: { /x: { source: '${resources.data}', path: ../y } }", "containers.web.volumes./x.path"),
    ] {
        assert_eq!(paths(container(fields)), [path], "{fields}");
    }
    for source in ["'${resources.data}'", "'${resources.data.source}'"] {
        assert!(
            container(&format!("volumes: {{ /x: {{ source: {source}, path: a/b, readOnly: true }} }}"))
                .is_ok()
        );
    }
}

#[test]
fn an_image_is_never_named() {
    for image in ["nginx", "nginx:latest", "''", "./", "shop/web@sha256:0"] {
        let problems = paths(parse(&format!("containers: {{ web: {{ image: {image} }} }}\n")));
        assert_eq!(problems, ["containers.web.image"], "{image}");
    }
}

#[test]
fn resources_are_of_the_types_that_are_offered() {
    for (resource, path) in [
        ("{ type: postgres }", "resources.x.type"),
        ("{ type: dns, class: internal }", "resources.x.class"),
        ("{ type: dns, metadata: { a: b } }", "resources.x.metadata"),
        ("{ type: dns, params: { host: prod.example.com } }", "resources.x.params.host"),
        ("{ type: volume, id: shared }", "resources.x.id"),
        ("{ type: dns, id: Shared }", "resources.x.id"),
        ("{ type: volume, params: { size: big } }", "resources.x.params.size"),
        ("{ type: route, params: { host: a, port: 81 } }", "resources.x.params.port"),
        ("{ type: route, params: { host: a, port: 53 } }", "resources.x.params.port"),
        ("{ type: route, params: { host: a, port: http } }", "resources.x.params.port"),
        ("{ type: route, params: { host: '${resources.y.host}', port: 80 } }", "resources.x.params.host"),
        ("{ type: route, params: { port: 80 } }", "resources.x.params.host"),
    ] {
        let ports = "service: { ports: { http: { port: 80 }, dns: { port: 53, protocol: UDP } } }";
        let result = parse(&format!("{ports}\nresources: {{ x: {resource} }}\n"));
        assert_eq!(paths(result), [path], "{resource}");
    }
    let problems = parse("resources: { x: { type: postgres } }\n").unwrap_err();
    assert!(SUPPORTED.iter().all(|kind| problems[0].text.contains(kind)), "{problems:?}");
    assert_eq!(problems[0].line, Some(4));
}

#[test]
fn a_file_is_of_the_known_form() {
    for text in [
        "",
        "x",
        "apiVersion: score.dev/v1b1\nmetadata: { name: web }\n",
        "apiVersion: score.dev/v1b1\nmetadata: { name: web }\ncontainers: {}\n",
        "apiVersion: score.dev/v1b1\nmetadata: {}\ncontainers: { web: { image: . } }\n",
        "apiVersion: score.dev/v1b1\nmetadata: { name: w }\ncontainers: { web: { image: . } }\n",
        "apiVersion: score.dev/v1b1\nmetadata: { name: Web }\ncontainers: { web: { image: . } }\n",
        "apiVersion: score.dev/v1b2\nmetadata: { name: web }\ncontainers: { web: { image: . } }\n",
        "apiVersion: score.dev/v1b1\nmetadata: { name: web }\ncontainers: { Web: { image: . } }\n",
        "apiVersion: score.dev/v1b1\nmetadata: { name: web }\ncontainers: { web: { image: ., privileged: true } }\n",
    ] {
        assert!(ScoreFile::parse("score.yaml", text.as_bytes()).is_err(), "{text}");
    }
    for more in ["spec: {}\n", "---\napiVersion: v1\n", "containers: { web: { image: . } }\ncontainers: {}\n"]
    {
        assert!(parse(more).is_err(), "{more}");
    }
    assert!(parse("").is_ok());
}

#[test]
fn ports_are_those_of_kubernetes() {
    let ports = |ports: &str| paths(parse(&format!("service: {{ ports: {{ {ports} }} }}\n")));
    assert!(ports("http: { port: 80 }, dns: { port: 80, protocol: UDP }").is_empty());
    assert!(ports(&format!("{}: {{ port: 65535 }}", "p".repeat(PORT_NAME_LIMIT))).is_empty());
    for wrong in [
        "http: { port: 0 }".to_owned(),
        "http: { port: 80, targetPort: 0 }".to_owned(),
        "a: { port: 80 }, b: { port: 80 }".to_owned(),
        "8080: { port: 80 }".to_owned(),
        "a--b: { port: 80 }".to_owned(),
        "a: { port: 80, protocol: SCTP }".to_owned(),
        format!("{}: {{ port: 80 }}", "p".repeat(PORT_NAME_LIMIT + 1)),
    ] {
        assert_eq!(ports(&wrong).len(), 1, "{wrong}");
    }
    assert!(parse("service: { ports: { http: { port: 65536 } } }\n").is_err());
}

#[test]
fn every_count_has_a_limit() {
    let list = |piece: &str, count: usize| -> String {
        (1..=count).map(|number| piece.replace('#', &number.to_string())).collect()
    };
    type Parse = dyn Fn(String) -> Result<ScoreFile, Vec<Problem>>;
    let counted: [(&str, usize, &Parse); 8] = [
        ("c#: { image: . }, ", CONTAINER_LIMIT, &|list| parse(&format!("containers: {{ {list} }}\n"))),
        ("V#: x, ", VARIABLE_LIMIT, &|list| container(&format!("variables: {{ {list} }}"))),
        ("x, ", WORD_LIMIT, &|list| container(&format!("command: [{list}]"))),
        ("x, ", WORD_LIMIT, &|list| {
            container(&format!("livenessProbe: {{ exec: {{ command: [{list}] }} }}"))
        }),
        ("/m#: { source: '${resources.data}' }, ", MOUNT_LIMIT, &|list| {
            container(&format!("volumes: {{ {list} }}"))
        }),
        ("{ name: h, value: v }, ", HEADER_LIMIT, &|list| {
            container(&format!(
                "readinessProbe: {{ httpGet: {{ path: /, port: 80, httpHeaders: [{list}] }} }}"
            ))
        }),
        ("p#: { port: # }, ", PORT_LIMIT, &|list| parse(&format!("service: {{ ports: {{ {list} }} }}\n"))),
        ("r#: { type: dns }, ", RESOURCE_LIMIT, &|list| parse(&format!("resources: {{ {list} }}\n"))),
    ];
    for (piece, limit, parse) in counted {
        assert!(parse(list(piece, limit)).is_ok(), "{piece}: {:?}", parse(list(piece, limit)));
        let problems = parse(list(piece, limit + 1)).unwrap_err();
        assert!(problems.len() == 1 && problems[0].text.starts_with("at most"), "{piece}: {problems:?}");
    }
}

#[test]
fn a_file_has_at_most_64_kilobytes() {
    let of = |size: usize| {
        let text = WEB.to_owned() + &"#\n".repeat((size - WEB.len()) / 2);
        ScoreFile::parse("score.yaml", format!("{text}{}", "\n".repeat(size - text.len())).as_bytes())
    };
    assert!(of(FILE_LIMIT).is_ok());
    assert!(of(FILE_LIMIT + 1).is_err());
}

#[test]
fn a_bomb_ends_quickly() {
    let mut bomb = String::from(
        "apiVersion: score.dev/v1b1\nmetadata: { name: web }\ncontainers: { web: { image: . } }\nresources:\n",
    );
    bomb.push_str("  a0: &a0 { type: dns, params: { x: y } }\n");
    for level in 1..30 {
        bomb.push_str(&format!(
            "  a{level}: &a{level} {{ type: dns, params: {{ x: *a{0}, y: *a{0} }} }}\n",
            level - 1
        ));
    }
    let shortest = (0..5).map(|_| {
        let begun = std::time::Instant::now();
        assert!(ScoreFile::parse("score.yaml", bomb.as_bytes()).is_err());
        begun.elapsed().as_millis()
    });
    assert!(shortest.min() < Some(1_000));
}
