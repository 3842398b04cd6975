render prodution
