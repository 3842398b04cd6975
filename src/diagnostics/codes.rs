//! Codes of errors: what leaves no Stack, or keeps a command from doing its work. What rules find has texts of its own.

/// What is to be said about all errors of one code.
pub struct Code {
    /// The word in brackets behind `error`.
    pub id: &'static str,
    /// What is wrong, in one sentence without a full stop.
    pub what: &'static str,
    /// Why that is an error.
    pub why: &'static str,
    /// What to do.
    pub instead: &'static str,
}

const fn code(id: &'static str, what: &'static str, why: &'static str, instead: &'static str) -> Code {
    Code { id, what, why, instead }
}

/// Every code, sorted.
pub const CODES: &[Code] = &[
    code(
        "abstract-profile",
        "A profile that is a part of others was named",
        "`abstract: true` marks it: it need not be complete.",
        "Name a profile that extends it, or remove the mark.",
    ),
    code(
        "ambiguous-profile",
        "A profile's name leads to two files",
        "`NAME.yaml` and `NAME.yml` would write into the same folder.",
        "Remove one of them, or give it another name.",
    ),
    code(
        "broken-artifact",
        "A file is no longer right with a patch, a snippet or a template of one's own",
        "The program that reads it would refuse it, or take it for something else.",
        "Correct what the message names, in the line that it names.",
    ),
    code(
        "broken-template",
        "A template of one's own cannot be read, or cannot print what it is given",
        "No file can be made with it.",
        "Correct it where the message points; infragen's own template of the same path says which fields there are.",
    ),
    code(
        "changed-meanwhile",
        "An env file was changed while its values were made",
        "What somebody else wrote would be lost.",
        "Run the command again: it keeps what is there now.",
    ),
    code(
        "contradiction",
        "Two values of a profile cannot both hold",
        "No files could say both, and to choose one would be a guess.",
        "Change the one that is named, or the other one that the message names.",
    ),
    code("dependency-cycle", "Services wait for each other", "None of them would ever start.", "Let one of them start without the other."),
    code(
        "duplicate-key",
        "A key stands twice in one map",
        "Only one of the two would count, and readers of YAML differ in which.",
        "Remove one, or merge the two.",
    ),
    code(
        "empty-profile",
        "A profile has no content",
        "There is nothing to render.",
        "Start with `version: 1`, `project`, `environment`, `services` and `targets`.",
    ),
    code("empty-value", "A list or a map that has to have something is empty", "It would do nothing.", "Write at least one, or remove the key."),
    code(
        "engine-socket",
        "A service is to get the engine's socket",
        "Who reaches it is root on the host.",
        "Let the script that deploys, or a timer of the host, do what needs the engine.",
    ),
    code("extends-cycle", "Profiles extend each other in a circle", "None of them could be merged first.", "Let one of them extend nothing."),
    code(
        "git-failed",
        "Git cannot say which files it has",
        "A file that is not in the repository would look committed.",
        "Settle what git complains about; outside of a work tree it is not asked.",
    ),
    code(
        "golden-in-ci",
        "Goldens are to be written in CI",
        "A golden is what a person has read and blessed.",
        "Run `infragen golden update` on your machine, and commit what changed.",
    ),
    code("internal-error", "infragen made a mistake of its own", "No profile may lead to it.", "Report it, with the profile and the whole message."),
    code(
        "invalid-name",
        "A name has characters that it cannot have",
        "Names become host names, variables, paths and objects of a cluster, which have rules of their own.",
        "Take the name that the message offers, or one of the kind that it describes.",
    ),
    code(
        "invalid-value",
        "A value is of the right kind, but not one that its key takes",
        "What it would mean is unclear, or no target could say it.",
        "Write it as the message describes; `infragen explain KEY` has examples.",
    ),
    code(
        "io-error",
        "A file or folder cannot be read or written",
        "The message has what the system says.",
        "See to the rights, the place on the disk or the path, and run the command again.",
    ),
    code(
        "like-chain",
        "A service is like one that is itself like another",
        "What it gets would be hard to see.",
        "Name the service that has the image, and write what differs at this one.",
    ),
    code(
        "merge-key",
        "YAML's merge key `<<` is used",
        "It merges one level only, and what it does not replace silently stays.",
        "Share variables by `env_groups`, services by `like`, whole profiles by `extends`.",
    ),
    code("misplaced-key", "A key does nothing where it stands", "Whoever wrote it expects an effect.", "Remove it, or write it where the message says."),
    code("missing-file", "A file that was named is not there", "Nothing can be read.", "Name another one, or make it by the command that the message names."),
    code(
        "missing-key",
        "A key that has to be there is not",
        "There is no default that would be right for everybody.",
        "Add it as the message shows, here or in a profile that is extended.",
    ),
    code(
        "missing-parent",
        "A profile extends a file that is not there",
        "What it has cannot be merged.",
        "Correct the path: it is relative to the file that names it.",
    ),
    code("name-clash", "Two things have one name", "They would be one variable, one host or one object of a cluster.", "Rename one of them."),
    code(
        "not-a-profile",
        "A file of another tool stands where a profile is expected",
        "It says how something is started, not what is deployed: no line of it would be right.",
        "Write a profile: its targets render such files.",
    ),
    code("not-utf-8", "A profile is not UTF-8", "Its characters cannot be known.", "Save the file as UTF-8."),
    code(
        "nothing-selected",
        "A profile renders no file that was asked for",
        "Nothing to do is more likely a mistake than meant.",
        "See `targets` in the profile, and `--target` and `--only`.",
    ),
    code(
        "null-value",
        "A key has no value",
        "It may stand for nothing, for the default, or for something that was forgotten.",
        "Write a value, or `{}` for an empty map, or remove the key; `remove: [KEY]` takes out what is inherited.",
    ),
    code(
        "other-generator",
        "The profile wants another version of infragen, and files differ",
        "What differs may be the profile's change or the version's: nobody could tell.",
        "Run the version that `generator` names, or write the new one there, render, and read what changes.",
    ),
    code(
        "out-of-range",
        "A number is too small or too large",
        "No such port, share or count exists or would make sense.",
        "Write a number between those that the message names.",
    ),
    code(
        "output-clash",
        "Two profiles write into one folder",
        "Each would overwrite what the other has rendered.",
        "Give one of them another `output.dir`; after a profile was renamed, remove the old lock.",
    ),
    code(
        "port-clash",
        "Two services want one port of the host",
        "The second one could not start.",
        "Publish one of them on another port, or route to it by `edge`.",
    ),
    code(
        "remove-missing",
        "`remove` names what is not there",
        "What was to go may still be there under another path.",
        "Correct the path: a key that has dots itself is quoted. Or remove the line.",
    ),
    code(
        "rights-over-the-host",
        "A service is to get rights over its host",
        "With them a program that is taken over takes over everything else.",
        "Do without it, or run what needs it apart from this deployment.",
    ),
    code("several-documents", "A file holds more than one YAML document", "One file is one profile.", "Remove the line `---`, or split the file."),
    code(
        "system-path",
        "A folder of the host's system is to be mounted",
        "What is written there changes the host, and what is read there differs from host to host.",
        "Give the service a folder of its own, or set a variable in its place, such as `TZ`.",
    ),
    code(
        "too-large",
        "A file, a map or a chain of files is larger than any profile",
        "It would cost memory and time, and is most likely another file.",
        "Name the right file, or share what repeats.",
    ),
    code(
        "unknown-key",
        "A key is not part of the language at this place",
        "It would do nothing, and nobody would notice.",
        "Correct it as the message says; keys that start with `x-` are yours.",
    ),
    code(
        "unknown-profile",
        "There is no profile of this name",
        "Names are those of the files in `profiles/`.",
        "Take one of those that the message lists, or name a file.",
    ),
    code(
        "unknown-reference",
        "A name refers to nothing",
        "The service, secret, block or store of this name is not in the profile.",
        "Correct the name, or declare what it means.",
    ),
    code(
        "unmatched-patch",
        "A patch, a snippet or an unmanaged file names what is not rendered",
        "What was to be changed stays as it is, and nobody would notice.",
        "Name what the message offers, or remove it: infragen may render it itself by now.",
    ),
    code(
        "unreadable-file",
        "A file cannot be read",
        "It is a folder, a pipe or a device, or its rights forbid it.",
        "Name the profile's or the env file itself, and see to its rights.",
    ),
    code(
        "unsafe-output",
        "Something stands where a rendered file has to go",
        "To write through a link, or over a folder, would change what infragen did not make.",
        "Move it away.",
    ),
    code(
        "unsupported-version",
        "A version of a program is older than what is rendered for it",
        "It would not read the rendered files, or not as they are meant.",
        "Name the version that the message names, or a newer one.",
    ),
    code("usage", "The options of a command do not fit each other", "What is meant is unclear.", "See `infragen COMMAND --help`."),
    code(
        "wrong-type",
        "A value is of another kind than its key takes: a list for a map, a number for a text",
        "To turn one into the other would be a guess: `1.10` as a number is `1.1`.",
        "Write it as the message shows.",
    ),
    code(
        "yaml-syntax",
        "The text is not YAML",
        "What it means cannot be known, here and below.",
        "Look at indentation, colons, quotes and brackets where the message points.",
    ),
    code("yaml-tag", "A value has a YAML tag, such as `!!str`", "Tags are no part of the language.", "Remove the tag; put text into quotes."),
];
