//! What is changed in the good file, and what is found then. Each rule has at least one.

type Sample = (&'static [(&'static str, &'static str)], &'static [&'static str]);

const SALT: &str = "SALT=7fK2mQ9xL4vN8wR1tY6uI3oP5aS0dF2g+/Zz";
const KEY: &str = "KEY=wR1tY6uI3oP5aS0dF2g_7fK2mQ9xL4vN8-QqLm";
const TOKEN: &str = "TOKEN=tok-5f2c9a7e\n";
const HOOK: &str = "HOOK_URL=https://hooks.example.com/x";
const SENTRY: &str = "SENTRY_DSN=https://abc@sentry.example.com/7\n";
const CACHE: &str = "CACHE_URL=redis://:3f9c1d7ab2e84a60d51f@cache:6379/0";

#[rustfmt::skip]
pub const SAMPLES: &[Sample] = &[
    // Not there, or there without a value.
    (&[(SALT, "")], &["- error[missing-variable] SALT is required and not in the file"]),
    (&[(SALT, "# SALT=")], &["- error[missing-variable] SALT is required and not in the file"]),
    (&[(TOKEN, "")], &["- error[not-supplied] TOKEN is supplied from outside and has no value yet"]),
    (&[(TOKEN, "# TOKEN=tok-5f2c9a7e\n")], &["- error[not-supplied] TOKEN is supplied from outside and has no value yet"]),
    (&[(HOOK, "HOOK_URL=")], &["1 error[empty-variable] HOOK_URL is required and has no value"]),
    (&[(TOKEN, "TOKEN=''\n")], &["10 error[not-supplied] TOKEN is supplied from outside and has no value yet"]),
    (&[(SENTRY, "")], &["- info[to-be-supplied] SENTRY_DSN is supplied from outside and has no value yet"]),
    (&[(SENTRY, "ODD_SECRET=\nNOTE=\n")], &["- info[to-be-supplied] SENTRY_DSN is supplied from outside and has no value yet"]),
    (&[(SENTRY, "UNKNOWN_NAME=x\n")], &[
        "12 warning[unknown-variable] this name is not known to the profile: nothing reads it",
        "- info[to-be-supplied] SENTRY_DSN is supplied from outside and has no value yet",
    ]),
    // A name that may be a part of a secret is not shown. Docker's own are known.
    (&[(TOKEN, "TOKEN=tok-5f2c9a7e\nZm9vYmFyYmF6==\nCOMPOSE_PROFILES=x\nDOCKER_HOST=y\n")], &["11 warning[unknown-variable] this name is not known to the profile: nothing reads it"]),
    (&[(KEY, "KEY='<KEY>'")], &["11 error[placeholder-left] KEY still has a placeholder for a value"]),
    (&[(KEY, "KEY=<KEY>")], &[
        "11 warning[ambiguous-line] KEY: Docker Compose, shells and dotenv libraries may read this line differently",
        "11 error[placeholder-left] KEY still has a placeholder for a value",
    ]),
    (&[(TOKEN, "TOKEN=your-token-here\n"), (HOOK, "HOOK_URL='<to come>'")], &[
        "1 error[placeholder-left] HOOK_URL still has a placeholder for a value", "10 error[placeholder-left] TOKEN still has a placeholder for a value",
    ]),
    (&[(SALT, "SALT=64_CHAR_RANDOM_KEY")], &["9 error[placeholder-left] SALT still has a placeholder for a value"]),
    // What a parameter may be is its profile's to say.
    (&[(TOKEN, "TOKEN=tok-5f2c9a7e\nNOTE=none\n")], &[]),
    // Weak.
    (&[(KEY, "KEY=aB3_xY7")], &["11 error[weak-secret] KEY is weak: it has 7 characters, 32 are needed"]),
    (&[(KEY, "KEY='žluťoučký kůň 42'")], &["11 error[weak-secret] KEY is weak: it has 16 characters, 32 are needed"]),
    (&[(TOKEN, "TOKEN=seven77\n")], &["10 error[weak-secret] TOKEN is weak: it has 7 characters, 8 are needed"]),
    (&[(SALT, "SALT=Password-2024-Password-2025")], &["9 error[weak-secret] SALT is weak: it is a well-known password"]),
    (&[(SALT, "SALT=P@ssw0rdP@ssw0rd2024-5h0p")], &["9 error[weak-secret] SALT is weak: well-known words, years or repetitions are most of it"]),
    (&[(SALT, "SALT=Warehouse2019Warehouse20!")], &["9 error[weak-secret] SALT is weak: it is a well-known password"]),
    (&[(SALT, "SALT=Zorblax2024Zorblax24Zorblax")], &["9 error[weak-secret] SALT is weak: well-known words, years or repetitions are most of it"]),
    (&[(SALT, "SALT=qwerty1234567890123456789")], &["9 error[weak-secret] SALT is weak: it is a well-known password"]),
    (&[(SALT, "SALT=xY7-kQ2+xY7-kQ2+xY7-kQ2+")], &["9 error[weak-secret] SALT is weak: it repeats itself"]),
    (&[(SALT, "SALT=abcdefghijklmnopqrstuvwxyz012345")], &["9 error[weak-secret] SALT is weak: it is a sequence"]),
    (&[(SALT, "SALT=kdjwnqpzmvbhrtyxgcfslaeiou")], &["9 error[weak-secret] SALT is weak: it has only one kind of characters"]),
    (&[(SALT, "SALT=83910572640918273649502718")], &["9 error[weak-secret] SALT is weak: it has only one kind of characters"]),
    (&[(SALT, "SALT=1a1a1a1aa1a1aa11a1aa1a1a1a")], &["9 error[weak-secret] SALT is weak: it is easy to guess"]),
    (&[(SALT, "SALT=development-only-salt-7fK2mQ9x")], &["9 error[development-value] SALT has a value that is meant for development and known to everybody"]),
    (&[(SALT, "SALT=wR1tY6uI3oP5aS0dF2g_7fK2mQ9xL4vN8-QqLm")], &["9 error[reused-secret] SALT has the same value as KEY: who learns one knows both"]),
    (&[(TOKEN, "TOKEN=3f9c1d7ab2e84a60d51f\n")], &["10 error[reused-secret] TOKEN has the same value as CACHE_PASSWORD: who learns one knows both"]),
    // Malformed.
    (&[(HOOK, "HOOK_URL=hooks.example.com")], &["1 error[malformed-value] HOOK_URL has the wrong format: expected a URL such as https://example.com"]),
    (&[(SENTRY, "SENTRY_DSN=https://\n")], &["12 error[malformed-value] SENTRY_DSN has the wrong format: expected a URL such as https://example.com"]),
    (&[(TOKEN, "TOKEN=tok-5f2c9a7e\nMAIL_TO=ops\nMAIL_PORT=65536\nRATE=1.5\nDEBUG_SQL=maybe\nPATIENCE=30\n")], &[
        "11 error[malformed-value] MAIL_TO has the wrong format: expected an e-mail address",
        "12 error[malformed-value] MAIL_PORT has the wrong format: expected a port from 1 to 65535",
        "13 error[malformed-value] RATE has the wrong format: expected a whole number",
        "14 error[malformed-value] DEBUG_SQL has the wrong format: expected true, false, 1, 0, yes, no, on or off",
        "15 error[malformed-value] PATIENCE has the wrong format: expected a number with a unit (ms, s, m, h, d), such as 30s",
    ]),
    (&[(TOKEN, "TOKEN=tok-5f2c9a7e\nMAIL_TO=a.b+c@example.com\nMAIL_PORT=587\nRATE=-3\nDEBUG_SQL=Off\nPATIENCE=500ms\nNOTE='any text'\n")], &[]),
    (&[(TOKEN, "TOKEN=tok-5f2c9a7e\nLEVEL=banana\nCROWD=-3\nSAMPLES=1.5\nAPI_TAG='a b'\n")], &[
        "11 error[malformed-value] LEVEL has the wrong format: expected DEBUG, INFO or not at all",
        "12 error[malformed-value] CROWD has the wrong format: expected a whole number from -2 to 64",
        "13 error[malformed-value] SAMPLES has the wrong format: expected a number from 0 to 1, such as 0.25",
        "14 error[malformed-value] API_TAG has the wrong format: expected a tag of an image: letters, digits, dots, dashes and underscores",
    ]),
    (&[(TOKEN, "TOKEN=tok-5f2c9a7e\nLEVEL='not at all'\nCROWD=-0002\nSAMPLES=0.25\nAPI_TAG=v1.2_rc-3\n")], &[]),
    (&[(TOKEN, "TOKEN=tok-5f2c9a7e\nLEVEL='DEBUG\nINFO'\nCROWD=0065\n")], &[
        "11 error[malformed-value] LEVEL has the wrong format: expected DEBUG, INFO or not at all",
        "13 error[malformed-value] CROWD has the wrong format: expected a whole number from -2 to 64",
    ]),
    // Not what its parts are.
    (&[(CACHE, "CACHE_URL=redis://:other1d7ab2e84a60d51f@cache:6379/0")], &["3 error[derived-mismatch] CACHE_URL does not match CACHE_PASSWORD and the other parts that it is made of"]),
    (&[(CACHE, "CACHE_URL=redis://:3f9c1d7ab2e84a60d51f@cache:6380/0")], &["3 error[derived-mismatch] CACHE_URL does not match CACHE_PASSWORD and the other parts that it is made of"]),
    (&[(CACHE, "CACHE_URL=cache:6379")], &["3 error[derived-mismatch] CACHE_URL does not match CACHE_PASSWORD and the other parts that it is made of"]),
    (&[("WAREHOUSE_PASSWORD='p@ss/w:ord 1%'", "WAREHOUSE_PASSWORD='p@ss/w:ord'")], &["7 error[derived-mismatch] WAREHOUSE_URL does not match WAREHOUSE_PASSWORD and the other parts that it is made of"]),
    (&[("p%40ss%2Fw%3Aord%201%25", "p@ss%2Fw%3Aord%201%25")], &["7 error[derived-mismatch] WAREHOUSE_URL does not match WAREHOUSE_PASSWORD and the other parts that it is made of"]),
    (&[("p%40ss%2Fw%3Aord%201%25", "p%40ss%2fw%3aord 1%25"), ("facts?sslmode=require", "facts?sslmode=verify-full")], &[]),
    // Lines.
    (&[(TOKEN, "TOKEN=tok-5f2c9a7e\nTOKEN=tok-5f2c9a7f\n")], &["11 error[duplicate-variable] TOKEN is set again: line 10 is not read"]),
    (&[(TOKEN, "TOKEN=tok-5f2c9a7e\nMINE_TOO=1\nMINE_TOO=2\n")], &[
        "11 warning[unknown-variable] this name is not known to the profile: nothing reads it",
        "12 error[duplicate-variable] this name is set again: line 11 is not read",
        "12 warning[unknown-variable] this name is not known to the profile: nothing reads it",
    ]),
    (&[(TOKEN, "TOKEN=tok-5f2c9a7e\nTOKEN=${\n")], &[
        "11 error[duplicate-variable] TOKEN is set again: line 10 is not read",
        "11 error[dollar-outside-quotes] TOKEN has a $ outside single quotes: Docker Compose and shells look for a variable there",
    ]),
    (&[(TOKEN, "TOKEN=tok$5f2c9a7e\n")], &["10 error[dollar-outside-quotes] TOKEN has a $ outside single quotes: Docker Compose and shells look for a variable there"]),
    (&[(TOKEN, "TOKEN=\"tok${X:-5f2c9a7e}\"\n")], &["10 error[dollar-outside-quotes] TOKEN has a $ outside single quotes: Docker Compose and shells look for a variable there"]),
    (&[(TOKEN, "TOKEN=\"tok\\00445f2c9a7e\"\n")], &["10 error[dollar-outside-quotes] TOKEN has a $ outside single quotes: Docker Compose and shells look for a variable there"]),
    (&[(TOKEN, "TOKEN='tok$5f2c9a7e'\n")], &[]),
    (&[(TOKEN, "TOKEN = tok-5f2c9a7e\n")], &["10 warning[ambiguous-line] TOKEN: Docker Compose, shells and dotenv libraries may read this line differently"]),
    (&[(TOKEN, "TOKEN: tok-5f2c9a7e\n")], &["10 warning[ambiguous-line] TOKEN: Docker Compose, shells and dotenv libraries may read this line differently"]),
    (&[(TOKEN, "TOKEN=tok 5f2c9a7e\n")], &["10 warning[ambiguous-line] TOKEN: Docker Compose, shells and dotenv libraries may read this line differently"]),
    (&[(TOKEN, "TOKEN='tok-5f2c9a7e'x=y\n")], &[
        "10 warning[ambiguous-line] TOKEN: Docker Compose, shells and dotenv libraries may read this line differently",
        "10 warning[unknown-variable] this name is not known to the profile: nothing reads it",
        "10 warning[ambiguous-line] this name: Docker Compose, shells and dotenv libraries may read this line differently",
    ]),
    (&[(TOKEN, "TOKEN=\"tok\\n5f2c9a7e\"\n")], &["10 warning[ambiguous-line] TOKEN: Docker Compose, shells and dotenv libraries may read this line differently"]),
    (&[(TOKEN, "TOKEN\n")], &["10 warning[ambiguous-line] TOKEN: Docker Compose, shells and dotenv libraries may read this line differently"]),
    (&[(TOKEN, "two words\nTOKEN=tok-5f2c9a7e\n")], &["10 error[unreadable-line] Docker Compose cannot read this line: there is a space in the name"]),
    (&[(TOKEN, "TOKEN='tok-5f2c9a7e\n")], &["10 error[unreadable-line] Docker Compose cannot read this line: a quote is not closed"]),
    (&[(TOKEN, "TOKEN='tok-5f2c9a7e' and so on\n")], &[
        "10 warning[ambiguous-line] TOKEN: Docker Compose, shells and dotenv libraries may read this line differently",
        "10 error[unreadable-line] Docker Compose cannot read this line: there is a space in the name",
    ]),
    (&[(TOKEN, "TOKEN=tok-5f2c9a7e\n=x\n@!\n")], &[
        "11 error[unreadable-line] Docker Compose cannot read this line: there is no name before =",
        "12 error[unreadable-line] Docker Compose cannot read this line: the name holds a character that no name has",
    ]),
    (&[(TOKEN, "TOKEN=\"tok\\00005f2c9a7e\"\n")], &[
        "10 error[unreadable-line] Docker Compose cannot read this line: the value holds a NUL character",
    ]),
    (&[(SENTRY, "SENTRY_DSN=https://abc@sentry.example.com/7\nNOTE")], &["13 error[unreadable-line] Docker Compose cannot read this line: there is no = behind the name"]),
    (&[(TOKEN, "TOKEN=tok-5f2c9a7e\r\n")], &["10 warning[carriage-return] the lines end in carriage returns (Windows): shells take them for a part of the value"]),
];
