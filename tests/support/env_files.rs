//! Env files that readers disagree on: those that somebody thought of, and random ones, the same on each machine.
#![allow(dead_code, reason = "each test uses a part of it")]

use crate::texts::{runner, text};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

/// One thing in each.
#[rustfmt::skip]
pub const HANDWRITTEN: &[&str] = &[
    // Files.
    "", "\n", "# x", "# x\n", " \t\n\n", "\u{feff}", "\u{feff}A=x\n", "\u{feff}\u{feff}A=x\n", "A=x\n\u{feff}B=y\n", "#\0\nA=x\n", "A=x\0y\n", "A\0=x\n",
    // Names, separators, `export`.
    "A=x", "A=x\n", "  A=x\n", "\tA = x \n", "A: x\n", "A:x\n", "A :x=y\n", "A=:x\n", "A:=x\n", "A==x\n", "=x\n", ":x\n", "A\n", "A", "A \n", "A B\n", "A B=x\n", "A B",
    "A\tB=x\n", "A\rB=x\n", "A\u{a0}=x\n", "A\u{a0}B=x\n", "A\u{2028}=x\n", "A.B=x\n", "A-B=x\n", "A[0]=x\n", "1=x\n", "1A=x\n", "é=x\n", "中=x\n", "²=x\n", "A*=x\n", "A+=x\n",
    "'A'=x\n", "\"A\"=x\n", "A/B=x\n", "$A=x\n", "A,B\n", "export A=x\n", "export\tA=x\n", "export\u{a0}A=x\n", "export\u{b}A=x\n", "export\nA=x\n", "export\r\nA=x\n", "export",
    "export ", "export\n", "export=x\n", "export =x\n", "exportA=x\n", "export export A=x\n", "export A\n", "export A B=x\n", "A\n  B=x\n", "A=1\nA\n", "A\nA=1\n", "UID=1000\n", "_=x\n",
    "A=\n-B=x\n", "if=x\n",
    // Values without quotes.
    "A=\n", "A=", "A=   \n", "A=\nB=x\n", "A=x y\n", "A= x y \n", "A=x # y\n", "A=x #y\n", "A=x# y\n", "A=x\t# y\n", "A=#x\n", "A= #x\n", "A=  # x\n", "A=x#y # z\n", "A=x\u{a0}# y\n",
    "A=x'y'\n", "A=x\"y z\"\n", "A=it's\nB=that's\n", "A=\\n\n", "A=x\\\nB=y\n", "A=\\'x\\'\n", "A=x\\ y\n", "A=`x`\n", "A=~/x\n", "A=x:~\n", "A=*\n", "export A=*\n", "A={x,y}\n", "export A={x,y}\n",
    "A=(x)\n", "A=x;B=y\n", "A=x&\n", "A=x|y\n", "A=x>y\n", "A=!x\n", "A=x!\n", "A=^x\n", "A=%x%\n", "A=[x]\n", "A=?\n", "A=é\n", "A=中🦀\n", "A=\u{2028}x\n", "A=x\u{2028}\n", "A=x\u{1}y\n",
    "A=x\u{85}\n", "A=x\u{1c}\n", "A=\u{1c}x\n", "A=\u{3000}\n", "A=x\u{3000}#y\n", "A=,=@\n",
    // Carriage returns.
    "A=x\r\nB=y\r\n", "A=x\rB=y\n", "A='x\r\ny'\r\n", "A=\"x\ry\"\r\n", "A='x'\r\n", "A\r\n", "\r\nA=x\r\n", "# x\rA=y\n", "A=x \r\n", "A=\r\n",
    // Quotes.
    "A='x'\n", "A=\"x\"\n", "A=''\n", "A=\"\"\n", "A=' x '\n", "A=\" x \"\n", "A='x # y'\n", "A='x' # y\n", "A='x'#y\n", "A=\"x\"#y\n", "A='x' y\n", "A='x'y\n", "A='x'y", "A='x' y z\n",
    "A='x' B=y\n", "A='x' B='y' # z\n", "A='x''y'\n", "A='x'\"y\"\n", "A=\"x\"=y\n", "A='x'\nB=\"y\"\n", "A='x\ny'\n", "A=\"x\ny\"\n", "A=\"x\n# y\nB=z\"\n", "A='x\nB=y'\n C=z\n", "A='x\n\ny' B=z\n",
    "A='x", "A='x\nB=y\n", "A=\"x\nB='y'\n", "A='\n", "A=\"", "A= 'x'\n", "A:'x'\n", "A='x' \n", "A='$B'\n", "A='é中'\n", "A='x\u{1}y'\n", "A='x\u{7f}y'\n", "A=\"x\u{1}y\"\n", "A='x\u{b}'\n",
    // Escapes.
    r"A='it\'s'", r"A='x\\'", r"A='x\'", r"A='x\\\''", r"A='x\n\\y'", r"A='x\y'", r#"A="x\"y""#, r#"A="x\\""#, r#"A="x\""#, r#"A="x\\\"""#, r#"A="\a\b\c\f\n\r\t\v""#, r#"A="x\'y""#,
    r#"A="\x41\u0041""#, r#"A="\101\0101\01011""#, r#"A="\0\00\000""#, r#"A="\0000""#, r#"A="\0377\0400\0777""#, r#"A="\0189\08""#, r#"A="\0200""#, r#"A="\0n\0012""#, r#"A="\\n\\\n""#,
    "A=\"x\\\ny\"", "A='x\\\ny'", r#"A="\é""#, r#"A="x\ y""#, r#"A="\`x\`""#, r#"A="\\\\x""#, r#"A="`x`""#, r#"A="x!""#,
    // References.
    "B=1\nA=$B\n", "A=$B\nB=1\n", "A=1\nB=$A\nA=2\n", "A=1\nA=${A}2\n", "A=$$\n", "A=$$B\n", "A=$\n", "A=x$\n", "A=$ x\n", "A=$1\n", "A=$-\n", "A=$(x)\n", "A=$é\n", "A=$ſx\n", "A=\"$\"\n",
    "A=\"x$ y\"\n", "A=\"$'\"\n", "A=\"$$$$\"\n", "A=$$$\n", r"A=\$B", r#"A="\$B""#, r#"A="\$\$B""#, r#"A="\\$B""#, r#"A="\${B""#, r#"A="\0044B""#, r#"A="\0044{""#, "B=1\nA=\"$B\"'$B'\n",
    "A=${B}\n", "A=${}\n", "A=${\n", "A=x${B\n", "A=${1}\n", "A=${B.C}\n", "A=${B C}\n", "A=${B:x}\n", "A=${B:}\n", "A=${é}\n", "A=${B:-x}\n", "A=${B-x}\n", "A=${B:-}\n", "A=${B:-x y}\n", "A=${B:-x # y}\n",
    "B=\nA=${B:-x}${B-y}\n", "B=1\nA=${B:-x}${B-y}\n", "B=\nA=${B:+x}${B+y}\n", "B=1\nA=${B:+x}${B+y}\n", "A=${B:+x}${B+y}\n", "A=${B?}\n", "A=${B:?x}\n", "B=\nA=${B?}\n", "B=\nA=${B:?}\n", "B=1\nA=${B:?}${B?}\n",
    "A=${B:-${C:-x}}\n", "A=${B:-${C}}y\n", "C=1\nA=${B:-${C}}${C}\n", "A=${B:-{x}y}\n", "A=${B:-{}}\n", "A=${B:-{}\n", "A=${B:-x}}\n", "A=${B:-x}y${C:-z}\n", "A=\"${B:-x\ny}\"\n", "A=\"${B:-x}\n}\"\n",
    "B=1\nA=${B:-${}}\n", "B=1\nA=${B:-${C:?x}}\n", "A=${B:+${}}\n", "A=${B--x}\n", "A=${B-:-x}\n", "A=${B+x:-y}\n", "A=${B:-$$x}\n", "A=${B:-'x'}\n", "A=\"${B:-\\\"x\\\"}\"\n", "B='$C'\nC=1\nA=$B\n", "A=$B_C$B.C\n",
    "A=${B:-x}${}\n", "A=${B:-$}\n", "A=${B:-${C}\n", "A=${B:-a{b}c}d}e\n", "A=${B:-a{}b}c}d\n", "A=$b$B\n", "A={{x}}\n", "A=$${B}\n",
];

/// What random values are made of.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "x", "y z", " ", "  ", "\t", "#", " #", "'", "\"", "\\", "\\\\", "\\n", "\\'", "\\\"", "\\$", "\\0101", "$", "$$", "$A", "$U", "${A}", "${A:-x}", "${U-y}", "${A:+z}",
    "${U:-${A}}", "{", "}", "${", "`", "~", "*", "=", ":", ",", "(", ";", "!", "%", "@", "\r", "\n", "\u{a0}", "\u{2028}", "é", "🦀", "\u{1}", "export ", "A=x",
];

fn value() -> impl Strategy<Value = String> {
    let pieces = |most: usize| proptest::collection::vec(proptest::sample::select(PIECES), 0..most).prop_map(|pieces| pieces.concat());
    prop_oneof![
        2 => pieces(4),
        3 => pieces(6).prop_map(|text| format!("'{}'", text.replace('\'', r"\'"))),
        3 => pieces(6).prop_map(|text| format!("\"{}\"", text.replace('"', "\\\""))),
        1 => pieces(6).prop_map(|text| format!("'{text}'")),
        1 => pieces(6).prop_map(|text| format!("\"{text}\"")),
        2 => text().prop_filter("a short value without NUL", |text| text.0.len() < 500 && !text.0.contains('\0')).prop_map(|text| infragen::envfile::quote(&text.0)),
    ]
}

fn statement() -> impl Strategy<Value = String> {
    let before = proptest::sample::select(&["", "", "", "", " ", "export ", "export\t", "# x\n", "\r\n"][..]);
    let name = proptest::sample::select(&["A", "B", "C", "A", "B", "C", "_a1", "A.B", "é"][..]);
    let equals = proptest::sample::select(&["=", "=", "=", "=", "=", " = ", "= ", ":", ": "][..]);
    let after = proptest::sample::select(&["\n", "\n", "\n", "\n", "\r\n", " # x\n", "#x\n", " ", " \n", "\t# 'x\n"][..]);
    (before, name, equals, value(), after).prop_map(|(before, name, equals, value, after)| format!("{before}{name}{equals}{value}{after}"))
}

/// Random files.
pub fn random(count: u32) -> Vec<String> {
    let mut runner = runner(count);
    let file = proptest::collection::vec(statement(), 1..4).prop_map(|statements| statements.concat());
    (0..count).map(|_| file.new_tree(&mut runner).expect("a file").current()).collect()
}

/// Random values without NUL.
pub fn values(count: u32) -> Vec<String> {
    let mut runner = runner(count);
    let value = text().prop_filter("NUL", |text| !text.0.contains('\0'));
    (0..count).map(|_| value.new_tree(&mut runner).expect("a value").current().0).collect()
}
