golden check prodution stagin
