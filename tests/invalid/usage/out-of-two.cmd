render minimal production --out elsewhere
