render minimal --only k9s/*
