//! What came of a platform configuration that was pushed.

use crate::name::{ApplicationName, EnvironmentId, InstallationName};

/// How many digits of a hash people read.
const DIGITS: usize = 12;

/// A configuration by the beginning of its hash.
pub fn configuration(hash: &str) -> &str {
    hash.get(..DIGITS).unwrap_or(hash)
}

/// It is in force; who follows it, and who is left alone.
pub fn configuration_in_force(hash: &str, repositories: usize, left_out: &[&ApplicationName]) -> String {
    let repositories = match repositories {
        1 => "one repository".to_owned(),
        many => format!("{many} repositories"),
    };
    let mut text = format!(
        "{} is in force. The environments of {repositories} that it changes follow it one after the other.",
        configuration(hash)
    );
    if !left_out.is_empty() {
        let names: Vec<String> = left_out.iter().map(|name| format!("`{name}`")).collect();
        text.push_str(&format!(
            " It has no {} any more: those environments stay as they are, until their pull requests close or their lifetimes \
             end. To destroy one, put its application back first.",
            names.join(", ")
        ));
    }
    text
}

/// An environment that the configuration does not have any more follows nothing.
pub fn left_out(environment: &EnvironmentId) -> String {
    format!(
        "`{environment}` is not in the platform configuration any more: it stays as it is. Put it back there; then it can be destroyed, too."
    )
}

/// It was in force already.
pub fn configuration_known(hash: &str) -> String {
    format!("{} is in force already: nothing changes.", configuration(hash))
}

/// One that was pushed later is in force.
pub fn configuration_overtaken(hash: &str, by: &str) -> String {
    format!(
        "{} is not put in force: {} was pushed after it. Push it again if it is meant.",
        configuration(hash),
        configuration(by)
    )
}

/// The name of the installation is part of every mark outside.
pub fn installation_changed(before: &InstallationName, after: &InstallationName) -> String {
    format!(
        "The installation is called `{before}`, and everything that it made bears that name: it cannot be called `{after}`. \
         Write `installation: {before}`; for another installation, use another stack."
    )
}

/// The file is wrong.
pub fn configuration_wrong() -> String {
    "The platform file is wrong, and nothing was changed. Correct all of this, and push it again.".to_owned()
}
