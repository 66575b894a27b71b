//! Putting a platform file in force in a table on AWS, as somebody who may write that table.

use crate::problem::Problem;
use jiff::Timestamp;
use roadstead_aws::{Aws, state::DynamoDb};
use roadstead_domain::platform::{Parsed, Platform};
use roadstead_steps::{nouns::State, record};
use std::{fs, path::PathBuf};

/// The largest platform file, in bytes: its row has to hold it (DynamoDB: 400 KB an item).
const FILE_LIMIT: u64 = 256 * 1024;

/// A platform file, and where it is to be in force.
#[derive(Debug, clap::Args)]
pub struct PutPlatform {
    /// The platform file.
    pub file: PathBuf,
    /// The name of the table. The region, the identity and the endpoint are those of the AWS command line's variables. Without
    /// a table, the file is only checked.
    #[arg(long)]
    pub table: Option<String>,
}

impl PutPlatform {
    /// Checks the file as a whole and puts it in force; answers what was done.
    ///
    /// # Errors
    /// When the file is wrong, with every problem that it has, or the table cannot be written.
    pub async fn run(&self) -> Result<String, Problem> {
        let text = self.text()?;
        let parsed = self.parsed(&text)?;
        let Some(table) = &self.table else {
            return Ok(format!("{} is as it must be: {}", self.file.display(), parsed.hash));
        };
        put(&DynamoDb::new(Aws::from_environment(), table), &parsed, &text).await?;
        Ok(format!("{} is in force in {table}: {}", self.file.display(), parsed.hash))
    }

    fn text(&self) -> Result<String, Problem> {
        let file = self.file.display();
        let unreadable = |why: String| Problem::new(format!("{file}: {why}"), "name a platform file");
        let size = fs::metadata(&self.file).map_err(|error| unreadable(error.to_string()))?.len();
        if size > FILE_LIMIT {
            return Err(unreadable(format!("it has {size} bytes, and may have {FILE_LIMIT}")));
        }
        fs::read_to_string(&self.file).map_err(|error| unreadable(error.to_string()))
    }

    fn parsed(&self, text: &str) -> Result<Parsed, Problem> {
        Platform::parse(text.as_bytes()).map_err(|problems| {
            let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
            Problem::new(all.join("\n"), format!("correct {}; nothing was changed", self.file.display()))
        })
    }
}

async fn put(state: &dyn State, parsed: &Parsed, text: &str) -> Result<(), Problem> {
    record::put_platform(state, parsed, text, Timestamp::now()).await.map_err(|refusal| {
        Problem::new(
            format!("the table was not written: {refusal}"),
            "check its name, the region and your rights",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(file: PathBuf) -> PutPlatform {
        PutPlatform { file, table: None }
    }

    #[tokio::test]
    async fn without_a_table_a_file_is_only_checked() {
        let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/sample/platform.yaml");
        let said = given(sample.into()).run().await.unwrap();
        assert!(said.contains("is as it must be"), "{said}");
    }

    #[tokio::test]
    async fn every_problem_of_a_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("platform.yaml");
        fs::write(&file, "installation: Demo!\nclusters: {}\ntypes: {}\napplications: {}\nmore: 1\n")
            .unwrap();
        let problem = given(file).run().await.unwrap_err();
        assert!(
            problem.what.contains("platform") && problem.next.contains("nothing was changed"),
            "{problem}"
        );
    }

    #[tokio::test]
    async fn a_file_has_at_most_256_kilobytes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("platform.yaml");
        for (size, too_large) in [(FILE_LIMIT, false), (FILE_LIMIT + 1, true)] {
            fs::write(&file, vec![b'#'; usize::try_from(size).unwrap()]).unwrap();
            let problem = given(file.clone()).run().await.unwrap_err();
            assert_eq!(problem.what.contains("and may have 262144"), too_large, "{size}: {problem}");
        }
    }
}
