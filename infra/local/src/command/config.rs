//! `config`: a platform file is checked here, or pushed to the door that puts it in force.

use super::running::not_running;
use crate::{
    problem::Problem,
    stack::{local_file::LocalFile, secrets::random},
};
use http::{Method, Request, Response, Uri};
use roadstead_aws::{Aws, secret::SecretsManager};
use roadstead_domain::platform::{Platform, Problem as FileProblem, limits::FILE_LIMIT};
use roadstead_runtime::{door::http_api::CONFIGURATIONS, settings::presented};
use roadstead_senders::{configuration::MEDIA_TYPE, images::IDEMPOTENCY_KEY};
use roadstead_web::{Https, Transport as _};
use serde_json::Value;
use std::{
    fs,
    net::IpAddr,
    path::{Path, PathBuf},
    time::Duration,
};

/// How long until an outcome is asked for again.
const PAUSE: Duration = Duration::from_millis(500);
/// How long an outcome is waited for.
const LIMIT: Duration = Duration::from_secs(120);

/// What is done with a platform file.
#[derive(Debug, clap::Subcommand)]
pub enum Config {
    /// Checks a platform file as a whole, and changes nothing.
    Check {
        /// The platform file.
        file: PathBuf,
    },
    /// Puts a platform file in force, if it is as it must be.
    Push(Push),
}

/// A platform file, and where it is to be in force.
#[derive(Debug, clap::Args)]
pub struct Push {
    /// The platform file.
    pub file: PathBuf,
    /// The address of a stack on AWS: its output `Api`. Without it, the stack of this machine is meant.
    #[arg(long, requires = "key")]
    pub url: Option<String>,
    /// Where the key is that the stack knows: `env:NAME`, `file:PATH` or `secretsmanager:NAME`.
    #[arg(long, requires = "url")]
    pub key: Option<String>,
    /// Where the stack of this machine keeps everything.
    #[arg(long, default_value = super::DATA_DIR)]
    pub data_dir: PathBuf,
}

/// A door, and what it is opened with.
struct Door {
    transport: Https,
    /// What to do if nothing answers there.
    silent: fn(&str) -> Problem,
    url: String,
    key: String,
}

impl Config {
    /// Checks or pushes the file; answers what was done.
    ///
    /// # Errors
    /// When the file is wrong, with every problem that it has, or is not put in force.
    pub async fn run(&self) -> Result<String, Problem> {
        match self {
            Config::Check { file } => {
                Ok(format!("{} is as it must be: {}", file.display(), check(file, &read(file)?)?))
            }
            Config::Push(push) => {
                let text = read(&push.file)?;
                check(&push.file, &text)?;
                push.door().await?.push(&text).await
            }
        }
    }
}

fn read(file: &Path) -> Result<String, Problem> {
    let unreadable = |why: String| Problem::new(format!("{}: {why}", file.display()), "name a platform file");
    let size = fs::metadata(file).map_err(|error| unreadable(error.to_string()))?.len();
    if size > FILE_LIMIT as u64 {
        return Err(unreadable(format!("it has {size} bytes, and may have {FILE_LIMIT}")));
    }
    fs::read_to_string(file).map_err(|error| unreadable(error.to_string()))
}

/// The hash of a file that is as it must be.
fn check(file: &Path, text: &str) -> Result<String, Problem> {
    match Platform::parse(text.as_bytes()) {
        Ok(parsed) => Ok(parsed.hash),
        Err(problems) => {
            let named = |problem| FileProblem { file: file.display().to_string(), ..problem };
            let all: Vec<String> = problems.into_iter().map(|problem| named(problem).to_string()).collect();
            Err(Problem::new(all.join("\n"), format!("correct {}; nothing was changed", file.display())))
        }
    }
}

impl Push {
    async fn door(&self) -> Result<Door, Problem> {
        let plain = self.url.as_deref().is_none_or(is_of_this_machine);
        let transport = Https::new(plain).map_err(|error| Problem::unexpected(error.to_string()))?;
        let (Some(url), Some(reference)) = (&self.url, &self.key) else {
            let LocalFile { doors, secrets, .. } = LocalFile::read(&self.data_dir)?;
            let url = doors.configurations.trim_end_matches(CONFIGURATIONS).to_owned();
            return Ok(Door { transport, silent: not_running, url, key: secrets.configurations });
        };
        if !plain && !url.starts_with("https://") {
            return Err(Problem::new(
                format!("the key would be sent to {url} unencrypted"),
                "give an address that begins with `https://`",
            ));
        }
        let key = presented(reference, &SecretsManager::new(Aws::of_person())).await;
        let key = key.map_err(|why| Problem::new(why, "say with `--key` where the key is"))?;
        Ok(Door { transport, silent: nobody_at, url: url.trim_end_matches('/').to_owned(), key })
    }
}

/// Whether what is sent to an address does not leave this machine.
fn is_of_this_machine(url: &str) -> bool {
    let address: Option<Uri> = url.parse().ok();
    let host = address.as_ref().and_then(Uri::host).unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl Door {
    /// Pushes the file, and waits for the one outcome of that.
    async fn push(&self, text: &str) -> Result<String, Problem> {
        let answer = self.call(Method::POST, CONFIGURATIONS, text).await?;
        let told = told(&answer);
        let Some(outcome) = told["outcome"].as_str().filter(|_| answer.status().is_success()) else {
            return Err(turned_away(&answer));
        };
        match tokio::time::timeout(LIMIT, self.outcome(outcome)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Problem::new(
                format!("it was noted, and was not in force after {} s", LIMIT.as_secs()),
                format!("ask again: GET {}{outcome}", self.url),
            )),
        }
    }

    async fn outcome(&self, path: &str) -> Result<String, Problem> {
        loop {
            let answer = self.call(Method::GET, path, "").await?;
            let told = told(&answer);
            let text = told["text"].as_str().unwrap_or_default().to_owned();
            match told["state"].as_str() {
                Some("pending") => tokio::time::sleep(PAUSE).await,
                Some("ready" | "nothing") => return Ok(text),
                Some(_) => return Err(Problem::new(text, "correct the file, and push it again")),
                None => return Err(turned_away(&answer)),
            }
        }
    }

    async fn call(&self, method: Method, path: &str, body: &str) -> Result<Response<Vec<u8>>, Problem> {
        let url = format!("{}{path}", self.url);
        let request = Request::builder()
            .method(method)
            .uri(&url)
            .header("authorization", format!("Bearer {}", self.key))
            .header("content-type", MEDIA_TYPE)
            .header(IDEMPOTENCY_KEY, random())
            .body(body.as_bytes().to_vec());
        let request = request.map_err(|error| Problem::new(format!("{url}: {error}"), "correct `--url`"))?;
        self.transport.call(request).await.map_err(|_| (self.silent)(&url))
    }
}

/// Nothing answers at the address that was given.
fn nobody_at(url: &str) -> Problem {
    Problem::new(
        format!("nothing answers at {url}"),
        "check `--url`: it is the output `Api` of a stack on AWS",
    )
}

fn told(answer: &Response<Vec<u8>>) -> Value {
    serde_json::from_slice(answer.body()).unwrap_or_default()
}

/// What the door said instead of taking it, every problem of the file included.
fn turned_away(answer: &Response<Vec<u8>>) -> Problem {
    let told = told(answer);
    let problems = told["problems"].as_array().into_iter().flatten();
    let problem = |problem: &Value| {
        let line = problem["line"].as_u64().map_or(String::new(), |line| format!(":{line}"));
        let part = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
        format!("{}{line}: {}: {}", part("file"), part("path"), part("text"))
    };
    let mut all = vec![format!(
        "the door answered {}: {}",
        answer.status(),
        told["error"].as_str().unwrap_or("nothing that is understood")
    )];
    all.extend(problems.map(problem));
    Problem::new(all.join("\n"), "check the file, the address and the key, and push it again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    async fn checked(file: PathBuf) -> Result<String, Problem> {
        Config::Check { file }.run().await
    }

    #[tokio::test]
    async fn a_good_file_is_only_checked() {
        let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/sample/platform.yaml");
        let said = checked(sample.into()).await.unwrap();
        assert!(said.contains("is as it must be"), "{said}");
    }

    #[tokio::test]
    async fn every_problem_of_a_file_is_told_before_it_is_pushed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ours.yaml");
        fs::write(&file, "installation: Demo!\nclusters: {}\ntypes: {}\napplications: {}\nmore: 1\n")
            .unwrap();
        let push = Push { file: file.clone(), url: None, key: None, data_dir: "none".into() };
        for problem in [checked(file).await, Config::Push(push).run().await] {
            let problem = problem.unwrap_err();
            assert!(
                problem.what.contains("ours.yaml:5") && problem.next.contains("nothing was changed"),
                "{problem}"
            );
        }
    }

    #[tokio::test]
    async fn a_file_has_at_most_256_kilobytes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("platform.yaml");
        for (size, too_large) in [(FILE_LIMIT, false), (FILE_LIMIT + 1, true)] {
            fs::write(&file, vec![b'#'; size]).unwrap();
            let problem = checked(file.clone()).await.unwrap_err();
            assert_eq!(problem.what.contains("and may have 262144"), too_large, "{size}: {problem}");
        }
    }

    #[test]
    fn what_a_door_finds_wrong_is_told_with_its_place() {
        let problem = json!({"file": "platform.yaml", "line": 7, "path": "types.a", "text": "is wrong"});
        let body = json!({"error": "wrong", "problems": [problem]}).to_string().into_bytes();
        let answer = Response::builder().status(422).body(body).unwrap();
        let told = turned_away(&answer).what;
        assert!(told.contains("422") && told.ends_with("platform.yaml:7: types.a: is wrong"), "{told}");
    }

    #[tokio::test]
    async fn an_address_at_which_nothing_answers_is_the_one_to_check() {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key");
        fs::write(&key, "a key of some length 0123456789abcdef").unwrap();
        let push = Push {
            file: concat!(env!("CARGO_MANIFEST_DIR"), "/sample/platform.yaml").into(),
            url: Some("http://127.0.0.1:1".to_owned()),
            key: Some(format!("file:{}", key.display())),
            data_dir: "none".into(),
        };
        let problem = Config::Push(push).run().await.unwrap_err();
        assert!(problem.what.contains("nothing answers") && problem.next.contains("`--url`"), "{problem}");
    }

    fn door(url: &str) -> Result<Door, Problem> {
        let (url, key) = (Some(url.to_owned()), Some("file:/nowhere".to_owned()));
        let push = Push { file: "platform.yaml".into(), url, key, data_dir: ".roadstead".into() };
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(push.door())
    }

    #[test]
    fn the_key_leaves_this_machine_only_encrypted() {
        for (url, refused) in [
            ("http://deploy.example", true),
            ("http://127.0.0.1.example", true),
            ("https://deploy.example", false),
            ("http://127.0.0.1:8080", false),
            ("http://[::1]:8080", false),
            ("http://localhost", false),
        ] {
            let problem = door(url).err().unwrap();
            assert_eq!(problem.to_string().contains("unencrypted"), refused, "{url}: {problem}");
        }
    }
}
