CI=true golden update
