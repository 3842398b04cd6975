//! The command line: arguments in, exit status out. What is printed is data on stdout, and everything else on stderr.

mod check;
mod config;
mod diff;
mod env;
mod explain;
mod gate;
mod golden;
mod lint;
mod own;
mod render;
mod run;
mod terminal;

use crate::values::{Date, Scalar};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

/// Renders everything a deployment needs from one declarative environment profile.
#[derive(Debug, Parser)]
#[command(name = "infragen", version, propagate_version = false, disable_help_subcommand = true, max_term_width = 100)]
#[command(after_help = "Exit status: 0 clean, 1 drift or findings, 2 usage, profile or I/O error.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the files that profiles render
    Render(RenderArgs),
    /// Compare what profiles render with the files that are there
    Diff(DiffArgs),
    /// Everything that CI asks: profiles, rules, waivers, goldens, drift and locks in one pass
    Check(CheckArgs),
    /// Compare or write golden trees: blessed copies of what profiles render
    Golden {
        #[command(subcommand)]
        command: GoldenCommand,
    },
    /// Look for what is unwise in profiles
    Lint(LintArgs),
    /// Print a profile with what it extends and with its defaults
    Config(ConfigArgs),
    /// Explain a key of the profile language, or a code that a message has
    Explain(ExplainArgs),
    /// Print what a profile needs to say so that a file is kept by hand
    Own(OwnArgs),
    /// Take a file back that was kept by hand: removes it from `unmanaged` of the profile
    Adopt(OwnArgs),
    /// Print the JSON Schema of a profile
    Schema,
    /// Check or fill in the real env file of a server
    Env {
        #[command(subcommand)]
        command: EnvCommand,
    },
}

#[derive(Debug, Subcommand)]
enum EnvCommand {
    /// Look for what is missing, weak or malformed; prints no value
    Check(EnvCheckArgs),
    /// Fill in what is missing with strong random values, and keep all that is there
    Generate(EnvGenerateArgs),
}

#[derive(Debug, Args)]
struct EnvCheckArgs {
    /// Name or path
    #[arg(value_name = "PROFILE")]
    profile: String,
    /// The env file; that of the profile's output folder if none is named
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,
}

#[derive(Debug, Args)]
struct EnvGenerateArgs {
    /// Name or path
    #[arg(value_name = "PROFILE")]
    profile: String,
    /// The env file; that of the profile's output folder if none is named
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    /// For people
    Text,
    /// For programs, with a version
    Json,
    /// Annotations of GitHub
    Github,
}

#[derive(Debug, Subcommand)]
enum GoldenCommand {
    /// Fail if a golden tree differs from what its profile renders
    Check(GoldenArgs),
    /// Make the golden trees what the profiles render; refused where CI is set
    Update(GoldenArgs),
}

#[derive(Debug, Args)]
struct RenderArgs {
    /// Names (`production` is profiles/production.yaml, here or in a folder above) or paths
    #[arg(required = true, value_name = "PROFILE")]
    profiles: Vec<String>,
    /// Write to this folder; the bytes stay the same
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Only this target; may be repeated
    #[arg(long = "target", value_name = "TARGET", value_parser = target_id)]
    targets: Vec<String>,
    /// Only the files that this pattern names, such as 'k8s/*'; may be repeated
    #[arg(long, value_name = "GLOB")]
    only: Vec<String>,
    /// Print the files instead of writing them
    #[arg(long, conflicts_with_all = ["out", "dry_run", "force", "prune"])]
    stdout: bool,
    /// Say what would be done and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Remove files that were rendered once and are no more
    #[arg(long, conflicts_with_all = ["targets", "only"])]
    prune: bool,
    /// Overwrite files that were edited or made by hand
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Args)]
struct DiffArgs {
    /// Names or paths; all profiles if none is named
    #[arg(value_name = "PROFILE")]
    profiles: Vec<String>,
    /// Compare with this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Say which values differ in YAML files, however they are written
    #[arg(long)]
    semantic: bool,
    /// Compare with what git would commit, in the place of the files that are there
    #[arg(long, value_enum, value_name = "WHAT")]
    against: Option<Against>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    format: DiffFormat,
}

/// What `diff` compares with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Against {
    /// The index of git
    Index,
}

#[derive(Debug, Args)]
struct CheckArgs {
    /// Names or paths; all profiles if none is named
    #[arg(value_name = "PROFILE")]
    profiles: Vec<String>,
    /// The folder with the golden trees; golden/ of the project, if there is one, by default
    #[arg(long, value_name = "DIR")]
    golden_dir: Option<PathBuf>,
    /// The day for which waivers are judged, such as 2027-01-31; today if none is named
    #[arg(long, value_name = "DATE", value_parser = date)]
    today: Option<Date>,
    /// Exit with 1 for findings from this severity on; for what is out of step, always
    #[arg(long, value_enum, default_value_t = FailOn::Warning)]
    fail_on: FailOn,
    /// How to print it
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    format: CheckFormat,
}

#[derive(Debug, Args)]
struct GoldenArgs {
    /// Names or paths; all profiles if none is named
    #[arg(value_name = "PROFILE")]
    profiles: Vec<String>,
    /// The folder with the golden trees; golden/ of the project by default
    #[arg(long, value_name = "DIR")]
    golden_dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct OwnArgs {
    /// Name or path
    #[arg(value_name = "PROFILE")]
    profile: String,
    /// The file, as `infragen diff` shows it, or as a path below the output folder
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Debug, Args)]
struct LintArgs {
    /// Names or paths; all profiles if none is named
    #[arg(value_name = "PROFILE")]
    profiles: Vec<String>,
    /// The day for which waivers are judged, such as 2027-01-31; today if none is named
    #[arg(long, value_name = "DATE", value_parser = date)]
    today: Option<Date>,
    /// Exit with 1 from this severity on
    #[arg(long, value_enum, default_value_t = FailOn::Warning)]
    fail_on: FailOn,
    /// How to print it
    #[arg(long, value_enum, default_value_t = FindingsFormat::Text)]
    format: FindingsFormat,
}

#[derive(Debug, Args)]
struct ConfigArgs {
    /// Name or path
    #[arg(value_name = "PROFILE")]
    profile: String,
    /// Say behind each value where it is written, or why it is the default
    #[arg(long)]
    origins: bool,
}

#[derive(Debug, Args)]
struct ExplainArgs {
    /// A key, such as services.api.replicas, or the code of a message, such as wrong-type
    #[arg(value_name = "KEY|CODE")]
    what: String,
    /// What the key is in this profile, and where that comes from; name or path
    #[arg(long, value_name = "PROFILE")]
    profile: Option<String>,
}

/// How drift is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DiffFormat {
    /// For people at a terminal
    Text,
    /// For programs, with a version
    Json,
    /// Annotations of GitHub
    Github,
    /// SARIF 2.1.0, which code hosts and editors read
    Sarif,
    /// A comment on a change
    Markdown,
    /// For `git apply`, which makes the files what the profiles render
    Patch,
}

/// How the report of `check` is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CheckFormat {
    /// For people
    Text,
    /// For programs, with a version
    Json,
    /// Annotations of GitHub
    Github,
    /// SARIF 2.1.0, which code hosts and editors read
    Sarif,
    /// A comment on a change
    Markdown,
}

/// How findings in profiles are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FindingsFormat {
    /// For people
    Text,
    /// For programs, with a version
    Json,
    /// Annotations of GitHub
    Github,
    /// SARIF 2.1.0, which code hosts and editors read
    Sarif,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Any finding
    Info,
    /// Warnings and errors
    Warning,
    /// Errors
    Error,
    /// Never
    Never,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    /// Nothing to object to.
    Clean = 0,
    /// Drift or findings.
    Findings = 1,
    /// Nothing could be said.
    Failed = 2,
}

fn date(text: &str) -> Result<Date, String> {
    <Date as Scalar>::parse(text).map_err(|reason| format!("expected {}; {reason}", Date::EXPECTS.replace('`', "")))
}

fn target_id(text: &str) -> Result<String, String> {
    let ids: Vec<&str> = crate::targets::TARGETS.iter().map(|target| target.id).collect();
    if ids.contains(&text) { Ok(text.to_owned()) } else { Err(format!("there is no such target; there are: {}", ids.join(", "))) }
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe is no reason to complain.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { Status::Failed as u8 } else { Status::Clean as u8 });
        }
    };
    let mut run = match run::Run::new() {
        Ok(run) => run,
        Err(error) => {
            run::complain(&error);
            return ExitCode::from(Status::Failed as u8);
        }
    };
    if matches!(&cli.command, Command::Render(_) | Command::Adopt(_) | Command::Golden { .. } | Command::Env { .. }) {
        crate::interrupt::tidy_up_on_interrupt();
    }
    let status = match &cli.command {
        Command::Render(args) => render::run(&mut run, args),
        Command::Diff(args) => diff::run(&mut run, args),
        Command::Own(args) => own::own(&mut run, args),
        Command::Adopt(args) => own::adopt(&mut run, args),
        Command::Check(args) => check::run(&mut run, args),
        Command::Golden { command: GoldenCommand::Check(args) } => golden::check(&mut run, args),
        Command::Golden { command: GoldenCommand::Update(args) } => golden::update(&mut run, args),
        Command::Lint(args) => lint::run(&mut run, args),
        Command::Env { command: EnvCommand::Check(args) } => env::check(&mut run, args),
        Command::Env { command: EnvCommand::Generate(args) } => env::generate(&mut run, args),
        Command::Config(args) => config::run(&mut run, args),
        Command::Explain(args) => explain::run(&mut run, args),
        Command::Schema => {
            let rules: Vec<(&str, String)> = crate::rules::RULES.iter().map(|rule| (rule.id, format!("{}.", rule.what))).collect();
            run.out(&serde_json::to_string_pretty(&crate::profile::schema::for_editors(&rules)).unwrap_or_default());
            run.out("\n");
            Status::Clean
        }
    };
    let status = run.finish(status);
    // The process ends: taking everything apart before would be for nothing.
    std::mem::forget(run);
    ExitCode::from(status as u8)
}
