//! How the log is written, as Lambda's logging controls say (`LoggingConfig` of the function).

use super::{Variables, variable};
use tracing::level_filters::LevelFilter;

/// How the log is written.
#[derive(Debug, PartialEq, Eq)]
pub struct Log {
    /// One JSON object for each line.
    pub json: bool,
    /// The least that is written.
    pub level: LevelFilter,
}

impl Log {
    /// Reads `AWS_LAMBDA_LOG_FORMAT` and `AWS_LAMBDA_LOG_LEVEL`.
    pub fn from_environment() -> Self {
        Self::read(&variable)
    }

    fn read(variables: Variables) -> Self {
        let level = variables("AWS_LAMBDA_LOG_LEVEL").and_then(|level| level.parse().ok());
        let json =
            variables("AWS_LAMBDA_LOG_FORMAT").is_some_and(|format| format.eq_ignore_ascii_case("json"));
        Self { json, level: level.unwrap_or(LevelFilter::INFO) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(format: &'static str, level: &'static str) -> Log {
        Log::read(&move |name| match name {
            "AWS_LAMBDA_LOG_FORMAT" => Some(format.to_owned()),
            "AWS_LAMBDA_LOG_LEVEL" => Some(level.to_owned()),
            _ => None,
        })
    }

    #[test]
    fn format_and_level_are_as_lambda_says() {
        assert_eq!(log("JSON", "ERROR"), Log { json: true, level: LevelFilter::ERROR });
        assert_eq!(log("Text", "WARN"), Log { json: false, level: LevelFilter::WARN });
        assert_eq!(Log::read(&|_| None), Log { json: false, level: LevelFilter::INFO });
        assert_eq!(log("JSON", "loud").level, LevelFilter::INFO);
    }
}
