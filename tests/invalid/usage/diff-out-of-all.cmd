diff --out elsewhere
