render minimal --target nginx
