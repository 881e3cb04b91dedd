import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { Redirect, Route, Switch } from "wouter";
import { createQueryClient } from "./api/queries";
import { ChatPage } from "./pages/chat/ChatPage";
import { CompanionPage } from "./pages/companion/CompanionPage";
import { NotFoundPage } from "./pages/NotFoundPage";
import { ProductPage } from "./pages/products/ProductPage";
import { ProductsPage } from "./pages/products/ProductsPage";
import { SkillsPage } from "./pages/skills/SkillsPage";
import { AnnouncerProvider } from "./shell/Announcer";
import { CurrentUserProvider } from "./shell/CurrentUser";
import { Frame } from "./shell/Frame";
import { ServiceGate } from "./shell/ServiceGate";

export function App() {
  const [client] = useState(createQueryClient);
  return (
    <QueryClientProvider client={client}>
      <AnnouncerProvider>
        <CurrentUserProvider>
          <Frame>
            <ServiceGate>
              <Pages />
            </ServiceGate>
          </Frame>
        </CurrentUserProvider>
      </AnnouncerProvider>
    </QueryClientProvider>
  );
}

function Pages() {
  return (
    <Switch>
      <Route path="/">
        <Redirect to="/companion" replace />
      </Route>
      <Route path="/companion" component={CompanionPage} />
      <Route path="/chat" component={ChatPage} />
      <Route path="/skills" component={SkillsPage} />
      <Route path="/products" component={ProductsPage} />
      <Route path="/products/:id">{({ id }) => <ProductPage key={id} id={Number(id)} />}</Route>
      <Route component={NotFoundPage} />
    </Switch>
  );
}
